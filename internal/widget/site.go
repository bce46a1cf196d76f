package widget

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"strings"

	"bedside/internal/language"
)

// ownColor is the widget's where the clinic has set none.
const ownColor = "#1f5f5b"

var hexColor = regexp.MustCompile(`^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)

// color returns the clinic's colour; anything that is none is not written into a
// style sheet.
func (s Site) color() string {
	if hexColor.MatchString(s.Color) {
		return s.Color
	}
	return ownColor
}

func (s Site) disclosure(locale string) string {
	if s.Disclosure == nil {
		return ""
	}
	return s.Disclosure(locale)
}

// script writes the clinic into the bundle, in the one place that waits for it.
func script(site Site) []byte {
	type clinic struct {
		Name  string `json:"name"`
		Phone string `json:"phone"`
		Hours string `json:"hours"`
		Color string `json:"color"`
	}
	served, err := json.Marshal(struct {
		Clinic     clinic            `json:"clinic"`
		Disclosure map[string]string `json:"disclosure"`
	}{
		clinic{site.Name, site.Phone, site.Hours, site.color()},
		map[string]string{language.English: site.disclosure(language.English), language.Spanish: site.disclosure(language.Spanish)},
	})
	if err != nil {
		panic("widget: " + err.Error()) // texts can always be encoded
	}
	return bytes.Replace(embedded("static/widget.js"), []byte(`"SERVED"`), served, 1)
}

func styleSheet(site Site) []byte {
	return append([]byte(":root { --brand: "+site.color()+"; }\n"), embedded("static/page.css")...)
}

func icon(site Site) []byte {
	return bytes.ReplaceAll(embedded("static/icon.svg"), []byte(ownColor), []byte(site.color()))
}

// pageLanguage is the one asked for in the address, or the first that the
// browser's owner reads.
func pageLanguage(r *http.Request) string {
	if asked := language.Known(r.URL.Query().Get("lang")); asked != "" {
		return asked
	}
	for _, tag := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), ";")
		if known := language.Known(tag); known != "" {
			return known
		}
	}
	return language.English
}

// page makes the page at "/".
func page(site Site, locale string) []byte {
	var out bytes.Buffer
	err := template.Must(template.New("page").Parse(string(embedded("page.html.tmpl")))).Execute(&out, struct {
		Site
		Words                 pageWords
		Language, Tel, Detail string
	}{site, pageTexts[locale], locale, telephone(site.Phone), site.disclosure(locale)})
	if err != nil {
		panic("widget: " + err.Error()) // held by a test
	}
	return out.Bytes()
}

// telephone leaves of a phone what is dialled.
func telephone(phone string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}
