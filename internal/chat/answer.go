package chat

import "time"

// Answer is the state of a response: its opening when it was created, all of it
// when it ended.
type Answer struct {
	ID               ResponseID `json:"id"`
	CreatedAt        time.Time  `json:"created_at"`
	EndedAt          time.Time  `json:"ended_at,omitzero"`
	Previous         ResponseID `json:"previous_response_id,omitempty"`
	ClientMessageID  string     `json:"client_message_id,omitempty"`
	Status           Status     `json:"status"`
	Reason           string     `json:"reason,omitempty"` // of Incomplete: ReasonCancelled, ReasonInterrupted
	Error            *Error     `json:"error,omitempty"`  // of Failed
	Text             string     `json:"text,omitempty"`
	Citations        []Citation `json:"citations,omitempty"`
	Outcome          Outcome    `json:"outcome,omitempty"`
	Mode             Mode       `json:"mode,omitempty"`
	KnowledgeVersion string     `json:"knowledge_version,omitempty"`
	Usage            Usage      `json:"usage"`
	Trace            *Trace     `json:"trace,omitempty"`
}

// Status is the state of a response.
type Status string

// The states of a response, in the words of the Open Responses vocabulary.
const (
	StatusInProgress Status = "in_progress"
	StatusCompleted  Status = "completed"
	StatusIncomplete Status = "incomplete"
	StatusFailed     Status = "failed"
)

// Why a response is incomplete.
const (
	ReasonCancelled   = "cancelled"
	ReasonInterrupted = "interrupted"
)

// Outcome says what became of a question.
type Outcome string

// The outcomes of a question.
const (
	Answered   Outcome = "answered"
	NotCovered Outcome = "not_covered"
	Emergency  Outcome = "emergency"
	Crisis     Outcome = "crisis"
	Safety     Outcome = "safety"
	Boundary   Outcome = "boundary"
	Declined   Outcome = "declined"
	SmallTalk  Outcome = "small_talk"
	Failed     Outcome = "failed"
)

// Mode says who worded an answer.
type Mode string

// The modes of an answer.
const (
	Extractive Mode = "extractive" // the material's own words
	Generative Mode = "generative" // a model's, checked
	Mixed      Mode = "mixed"      // both
	Fixed      Mode = "fixed"      // a reviewed reply
)

// Usage counts a model's tokens; zeros when none was asked.
type Usage struct {
	InputTokens  int `json:"input_tokens"`
	OutputTokens int `json:"output_tokens"`
}

// Trace is what the staff may see of how an answer came about. Patients never do.
type Trace struct {
	Rule     string             `json:"rule,omitempty"` // of triage
	Level    Level              `json:"level,omitempty"`
	Category Category           `json:"category,omitempty"`
	Withheld []Withheld         `json:"withheld,omitempty"`
	Timings  map[string]float64 `json:"timings_ms,omitempty"` // milliseconds by step
}

// Withheld is a sentence that was stopped, and why.
type Withheld struct {
	Sentence string `json:"sentence"`
	Reason   string `json:"reason"`
}

// Level is how strongly triage read a message.
type Level string

// The levels of triage.
const (
	Explicit Level = "explicit" // the reply takes over
	Indirect Level = "indirect" // the same, with a softer opening
	Topic    Level = "topic"    // a question about the subject: answered, with a help line
)

// Category is what triage found a message to be about.
type Category string

// The categories of triage, in their order of priority.
const (
	MedicalEmergency Category = "emergency_medical"
	CrisisSelf       Category = "crisis_self"
	CrisisOther      Category = "crisis_other"
	HarmToOthers     Category = "harm_to_others"
	AbuseViolence    Category = "abuse_violence"
	AcutePsychiatric Category = "acute_psych"
	Minor            Category = "minor"
	MisuseDiversion  Category = "misuse_diversion"
	Dosing           Category = "dosing"
	Medication       Category = "medication"
	Diagnosis        Category = "diagnosis"
	Pregnancy        Category = "pregnancy"
	Injection        Category = "injection"
	OffTopic         Category = "off_topic"
	SmallTalkTopic   Category = "small_talk"
	SuicideTopic     Category = "suicide_topic"
)

// Card is the help that is shown above everything else.
type Card struct {
	Lines []string `json:"lines"`
	Links []Link   `json:"links"`
}

// Link is one tap to a person: tel:, sms: or https: only.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}
