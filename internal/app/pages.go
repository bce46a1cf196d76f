package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/yuin/goldmark"
)

const safetyHead = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>What this chat does when someone is in danger</title>
<link rel="stylesheet" href="/page.css"></head>
<body><main class="document">
`

const safetyFoot = "</main></body></html>\n"

// safetyPage makes the published crisis protocol into a page.
func safetyPage(folder fs.FS) (http.Handler, error) {
	source, err := fs.ReadFile(folder, "safety/protocol.md")
	if err != nil {
		return nil, fmt.Errorf("crisis protocol: %w", err)
	}
	var page bytes.Buffer
	page.WriteString(safetyHead)
	if err := goldmark.Convert(source, &page); err != nil {
		return nil, fmt.Errorf("crisis protocol: %w", err)
	}
	page.WriteString(safetyFoot)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page.Bytes())
	}), nil
}
