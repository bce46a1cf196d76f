package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"sync"

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
	page := sync.OnceValue(func() []byte { // when it is first asked for: the start should be quick
		var page bytes.Buffer
		page.WriteString(safetyHead)
		_ = goldmark.Convert(source, &page) // fails only where the buffer does
		page.WriteString(safetyFoot)
		return page.Bytes()
	})
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page())
	}), nil
}
