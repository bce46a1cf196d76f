// The page at "/": the chat, in the page.
import { mount } from './chat.js';

mount(document.getElementById('chat'), { base: location.origin });
