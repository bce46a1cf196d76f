package chat

// Passage is one heading of the material with its text: the unit that is
// searched, cited and reviewed.
type Passage struct {
	ID       PassageID
	Section  string // introduction, history, mechanism, conditions, benefits, supplement
	Title    string // the title of its page
	Heading  string // its own heading
	URL      string // where the source can be read
	Language string // BCP 47: "en", "es"
	// Text is the body without the qualifiers, one paragraph or list item a line.
	Text string
	// Qualifiers must be said by every answer that rests on this passage.
	Qualifiers []Qualifier
	// Questions are ways in which patients ask for what the passage says.
	Questions []string
	// Facts are ids of the reviewed facts that the passage tells.
	Facts []string
	// Pending passages wait for a clinician's review.
	Pending bool
}

// Qualifier is what must be said beside a claim: Text in full, Short (at most
// 12 words) where an answer needs several.
type Qualifier struct {
	ID    string
	Text  string
	Short string
}

// Citation ties a stretch of an answer to the passage it rests on: from StartIndex
// up to, and without, EndIndex, in Unicode code points of the answer's final text.
type Citation struct {
	Passage    PassageID `json:"passage_id"`
	Section    string    `json:"section"`
	Title      string    `json:"title"`
	URL        string    `json:"url"`
	Quote      string    `json:"quote,omitempty"` // the passage's words that carry the sentence
	Verdict    Verdict   `json:"verdict,omitempty"`
	StartIndex int       `json:"start_index"`
	EndIndex   int       `json:"end_index"`
}

// Verdict is what the check of a sentence against its passage came to.
type Verdict string

// The verdicts a patient may see. A sentence with neither is withheld.
const (
	Quoted    Verdict = "quoted"    // the words stand in the passage, byte for byte
	Supported Verdict = "supported" // the passage carries what the words say
)

// Gap is a subject that patients ask about and the material does not answer.
// None of it is ever shown.
type Gap struct {
	Subject  string
	Language string // BCP 47
	// Questions are ways in which patients ask about it.
	Questions []string
}
