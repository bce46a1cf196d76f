// Package bundle makes the widget's one script of its TypeScript and its style
// sheet. It serves `go generate` and the test that holds the embedded script to
// be current; the program does not link it.
package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// Script bundles main.ts of a folder. The name SERVED stays free in it: the
// gateway writes the clinic there.
func Script(folder string) ([]byte, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(folder, "main.ts")}, Bundle: true, Format: api.FormatIIFE, Target: api.ES2022,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone,
		Define:  map[string]string{"SERVED": `"SERVED"`},
		Plugins: []api.Plugin{{Name: "style", Setup: style}},
	})
	if err := told(result.Errors); err != nil {
		return nil, err
	}
	return result.OutputFiles[0].Contents, nil
}

// style makes a style sheet the text that a shadow root adopts.
func style(build api.PluginBuild) {
	build.OnLoad(api.OnLoadOptions{Filter: `\.css$`}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		sheet, err := os.ReadFile(args.Path)
		if err != nil {
			return api.OnLoadResult{}, err
		}
		small := api.Transform(string(sheet), api.TransformOptions{
			Loader: api.LoaderCSS, MinifyWhitespace: true, MinifySyntax: true, Charset: api.CharsetUTF8,
		})
		if err := told(small.Errors); err != nil {
			return api.OnLoadResult{}, err
		}
		text := string(small.Code)
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderText}, nil
	})
}

func told(messages []api.Message) error {
	var problems []error
	for _, m := range messages {
		where := ""
		if m.Location != nil {
			where = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		problems = append(problems, errors.New("bundle: "+where+m.Text))
	}
	return errors.Join(problems...)
}
