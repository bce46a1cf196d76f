// A small look for danger in a question that the gateway did not take. It is no
// triage: it reads the plainest words only, rather too often than too seldom, and
// what it leads to is help to call, never an answer.

const SELF = [
  /suicid|unalive|\bkms\b|self.?harm|end it all|can.?t go on|no reason to live|better off (dead|without me)/,
  /\b(kill|hang|shoot|harm|hurt|cut|cutting|burn|drown) (myself|my self|himself|herself|themsel)/,
  /\b(end|ending|take|taking) (my|his|her|their) (own )?life/,
  /\b(want|wish|rather|hope|going|plan|ready|think)\w*\b.{0,24}\b(die|dying|dead|disappear|not wake|never wake|not exist)/,
  /don.?t want to (live|be here|be alive|wake up|exist)/,
  /\b(quier|querr|prefier|deseo|ojala|piens)\w*\b.{0,24}\b(morir|muert|desaparecer|matar|no despertar)/,
  /\b(matarme|matarse|quitar(me|se) la vida|hacerme dano|lastimarme|me corto|se corta|acabar con (mi vida|todo))/,
  /no quiero (vivir|seguir|despertar)|mejor sin mi\b|no aguanto mas|sin razon para vivir/,
];

const BODY = [
  /can.?t breathe|(trouble|hard|difficulty|struggling) (to )?breath|(not|stopped|isn.?t) breathing|short of breath/,
  /chest (pain|hurt|pressure|tight)|pain in (my|his|her|the) chest|heart attack|\bstroke\b|slurred|droop/,
  /seizure|convuls|unconscious|unresponsive|passed out|collapsed|fainted|(won.?t|can.?t|doesn.?t) wake/,
  /overdos|took too (much|many)|swallowed|(throat|tongue|face|lips?) (is |are )?(swell|swoll|clos)|turning blue|bleeding/,
  /no pued[eo] respirar|falta (el|de) aire|(dolor|opresion) (de|en el) pecho|duele.{0,16}pecho|infarto|derrame/,
  /no (respira|responde|despierta)\b|desmay|convulsi|sobredosis|tom[eo] demasiad|se trago|hinchad|sangrando/,
];

export type Danger = 'crisis' | 'emergency' | '';

export function danger(text: string): Danger {
  const words = text.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[’‘`]/g, "'").replace(/\s+/g, ' ');
  const [, systolic = 0, diastolic = 0] = /\b(\d{2,3}) ?(?:\/|over|sobre) ?(\d{2,3})\b/.exec(words) ?? [];
  if (+systolic >= 180 || +diastolic >= 120 || BODY.some((signs) => signs.test(words))) return 'emergency';
  return SELF.some((signs) => signs.test(words)) ? 'crisis' : '';
}
