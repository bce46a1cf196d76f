// Package widget holds the browser's side of the chat: the script that puts it
// on a clinic's page with one line, and the page at "/" with the chat open on it.
//
// The script is written in TypeScript in source, bundled by `go generate` (esbuild)
// into static/widget.js, and completed when it is served: the clinic's name, phone,
// hours and colour and the disclosure are written into it, so that they stand there
// also when the gateway does not answer any more.
//
// It promises that the chat builds nodes and never markup, follows no link but to
// sources and to help, asks no third party for anything, sets no cookie, and runs
// under the policy "default-src 'none'; script-src 'self'; style-src 'self';
// connect-src 'self'; require-trusted-types-for 'script'". What is stored is the
// session's token, the questions that were not accepted yet, the language chosen,
// and whether the panel is open and a crisis was seen: in the tab's sessionStorage,
// or in localStorage where the clinic wrote data-remember.
package widget

//go:generate go run ./bundle/write source static/widget.js
