package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"bedside/internal/seal"
)

// longestKeyset bounds what is read from stdin as a keyset.
const longestKeyset = 1 << 20

func (p *program) keys() *cobra.Command {
	return group("keys", "Make and rotate the keyset that encrypts what is stored", p.keysNew(), p.keysRotate())
}

func (p *program) keysNew() *cobra.Command {
	return &cobra.Command{
		Use: "new", Short: "Print a fresh keyset", Args: noArgs,
		Long: "Print a fresh keyset for BEDSIDE_DATA_KEYS. It is a secret: keep it in a file that\n" +
			"only the gateways read (BEDSIDE_DATA_KEYS_FILE), and out of backups of the store.",
		RunE: action(func(context.Context, *cobra.Command, []string) error {
			keys, err := seal.NewKeyset()
			if err != nil {
				return err
			}
			return p.printKeyset(keys)
		}),
	}
}

func (p *program) keysRotate() *cobra.Command {
	var prepare, prune bool
	command := &cobra.Command{
		Use: "rotate", Short: "Print the keyset with a new primary key", Args: noArgs,
		Long: "Print the keyset with a new primary key. The keyset is that of BEDSIDE_DATA_KEYS or\n" +
			"BEDSIDE_DATA_KEYS_FILE, else it is read from standard input. Sessions that are under\n" +
			"way stay readable. With several replicas, one step after the other, each given to all\n" +
			"of them before the next:\n\n" +
			"  bedside keys rotate --prepare   adds a key that does not seal yet\n" +
			"  bedside keys rotate             has it seal\n" +
			"  bedside keys rotate --prune     drops the older keys; wait BEDSIDE_SESSION_MAX (12h)\n" +
			"                                  before it, or the sessions from before end with it",
		RunE: action(func(_ context.Context, command *cobra.Command, _ []string) error {
			keys, err := p.givenKeyset(command)
			if err != nil {
				return err
			}
			switch {
			case prepare:
				keys, err = keys.Prepare()
			case prune:
				keys, err = keys.Prune()
			default:
				keys, err = keys.Rotate()
			}
			if err != nil {
				return err
			}
			return p.printKeyset(keys)
		}),
	}
	addSettings(command)
	command.Flags().BoolVar(&prepare, "prepare", false, "add the next key without using it")
	command.Flags().BoolVar(&prune, "prune", false, "drop the keys older than the primary one")
	command.MarkFlagsMutuallyExclusive("prepare", "prune")
	return command
}

// givenKeyset reads the keyset of the settings, else that on standard input.
func (p *program) givenKeyset(command *cobra.Command) (seal.Keyset, error) {
	loaded, err := p.load(command)
	if err != nil {
		return seal.Keyset{}, err
	}
	text, from := loaded.Config.DataKeys.Reveal(), loaded.Config.DataKeys.Name("BEDSIDE_DATA_KEYS")
	if text == "" {
		if isTerminal(p.stdin) {
			return seal.Keyset{}, withCode(Usage, errors.New("give the keyset in BEDSIDE_DATA_KEYS, as BEDSIDE_DATA_KEYS_FILE or on standard input"))
		}
		read, err := io.ReadAll(io.LimitReader(p.stdin, longestKeyset))
		if err != nil {
			return seal.Keyset{}, withCode(Usage, fmt.Errorf("read the keyset: %w", err))
		}
		text, from = string(read), "standard input"
	}
	keys, err := seal.ParseKeyset(text)
	if err != nil {
		return seal.Keyset{}, withCode(Usage, fmt.Errorf("%s: %w", from, err))
	}
	return keys, nil
}

func (p *program) printKeyset(keys seal.Keyset) error {
	text, err := keys.Reveal()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(p.stdout, text); err != nil {
		return fmt.Errorf("print the keyset: %w", err)
	}
	return nil
}
