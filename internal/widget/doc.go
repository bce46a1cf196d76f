// Package widget holds the browser's side of the chat: the page to try it at
// "/", and the script that puts the same chat on a clinic's own page.
//
// It promises that the chat builds nodes and never markup, asks no third party
// for anything, sets no cookie, and runs under the policy
// "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';
// require-trusted-types-for 'script'". The line that says whom to call in danger
// stands in the page itself, not in the script. What is stored is the session's
// token, in the tab's sessionStorage.
package widget
