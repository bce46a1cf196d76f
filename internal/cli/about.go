package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) config() *cobra.Command {
	show := &cobra.Command{
		Use: "print", Short: "Print every setting, its value and where it comes from; secrets stay hidden", Args: noArgs,
		RunE: action(func(_ context.Context, command *cobra.Command, _ []string) error {
			loaded, err := p.load(command)
			if err != nil {
				return err
			}
			return loaded.Print(p.stdout)
		}),
	}
	addSettings(show)
	return group("config", "Show the settings", show)
}

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgs,
		RunE: action(func(context.Context, *cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.stdout, "bedside %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		}),
	}
}

// version is the module's version, or the commit that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, modified := "unknown", ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision" && len(setting.Value) >= 12:
			revision = setting.Value[:12]
		case setting.Key == "vcs.modified" && setting.Value == "true":
			modified = "+changes"
		}
	}
	return revision + modified
}
