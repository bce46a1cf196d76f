package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"bedside/internal/app"
	"bedside/internal/eval"
)

func (p *program) eval() *cobra.Command {
	return group("eval", "Score parts of the product on data from elsewhere",
		p.evalRetrieval(), p.evalPatients(), p.evalAnswers(), p.evalGrounding(), p.evalMutations())
}

func (p *program) evalRetrieval() *cobra.Command {
	retrieval := &cobra.Command{
		Use:   "retrieval DIR",
		Short: "Score the retriever on a folder in the BEIR layout",
		Long: "Score the product's own retriever, and textbook BM25 beside it, on a folder that\n" +
			"holds corpus.jsonl, queries.jsonl and qrels.tsv.",
		Args: cobra.ExactArgs(1),
	}
	unanswerable := retrieval.Flags().Bool("unanswerable", false, "also take every second question's topic out and score how well that is noticed")
	return reporting(p, retrieval, func(ctx context.Context, _ *cobra.Command, args []string) (eval.RetrievalReport, error) {
		if info, err := os.Stat(args[0]); err != nil || !info.IsDir() {
			return eval.RetrievalReport{}, withCode(NotFound, fmt.Errorf("there is no folder %s", args[0]))
		}
		report, err := app.EvaluateRetrieval(ctx, os.DirFS(args[0]), *unanswerable)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = withCode(NotFound, err)
		case err != nil:
			err = withCode(Usage, err)
		}
		return report, err
	}, showRetrieval)
}

// showRetrieval writes the scores as a table, the baseline beside them.
func showRetrieval(page *page, report eval.RetrievalReport) {
	row := func(name string, own, baseline float64) {
		page.rawf("%-20s %9.4f %9.4f\n", name, own, baseline)
	}
	page.rawf("%d documents, %d questions\n%-20s %9s %9s\n", report.Documents, report.Queries, "", "bedside", "bm25")
	row("ndcg@10", report.NDCG10, report.Baseline.NDCG10)
	row("recall@5", report.Recall5, report.Baseline.Recall5)
	row("recall@10", report.Recall10, report.Baseline.Recall10)
	row("mrr@10", report.MRR10, report.Baseline.MRR10)
	row("ms per query", report.MsPerQuery, report.Baseline.MsPerQuery)
	if own, baseline := report.UnanswerableAUROC, report.Baseline.UnanswerableAUROC; own != nil && baseline != nil {
		row("unanswerable auroc", *own, *baseline)
	}
}

func (p *program) evalPatients() *cobra.Command {
	patients := &cobra.Command{
		Use:   "patients FILE",
		Short: "Ask the material patients' questions and count what comes out right",
		Long: "Ask the material, with nothing running, the questions of a file: one a line, in parts\n" +
			"between tabs: kind (answerable, unanswerable or followup), the sections and the facts\n" +
			"that answer it (parted by commas, - for none), the question, and of a followup the\n" +
			"questions before it (parted by ||).",
		Args: cobra.ExactArgs(1),
	}
	faults := patients.Flags().Bool("faults", false, "also list the questions that came out wrong")
	return reporting(p, patients, func(ctx context.Context, command *cobra.Command, args []string) (eval.PatientsReport, error) {
		loaded, err := p.load(command)
		if err != nil {
			return eval.PatientsReport{}, err
		}
		report, err := withFile(ctx, args[0], "questions", func(file io.Reader) (eval.PatientsReport, error) {
			return app.EvaluatePatients(ctx, loaded.Config, file)
		})
		if !*faults {
			report.Faults = nil
		}
		return report, err
	}, showPatients)
}

// showPatients writes the counts as a table, and the faults under it.
func showPatients(page *page, report eval.PatientsReport) {
	page.rawf("%-13s %6s %6s %8s %6s %7s %6s\n", "", "asked", "right", "covered", "first", "within", "fact")
	for _, k := range report.Kinds {
		page.rawf("%-13s %6d %6d %8d %6d %7d %6d\n", k.Kind, k.Asked, k.Right, k.Covered, k.First, k.Within, k.Fact)
	}
	for _, f := range report.Faults {
		page.line(fmt.Sprintf("line %d: %s, confidence %.2f, best %s: %s", f.Line, f.Kind, f.Confidence, cleanLine(f.Passage), cleanLine(f.Text)))
	}
}
