package triage

import "bedside/internal/chat"

// meaning is what a category comes to.
type meaning struct {
	priority int // the lowest wins
	outcome  chat.Outcome
	urgent   bool
	level    chat.Level // empty: the category has no levels
	joined   bool       // its patterns may begin in an earlier message
}

// categories in the protocol's order of priority.
var categories = map[chat.Category]meaning{
	chat.MedicalEmergency: {0, chat.Emergency, true, chat.Explicit, true},
	chat.CrisisSelf:       {1, chat.Crisis, true, chat.Explicit, true},
	chat.CrisisOther:      {2, chat.Crisis, true, chat.Explicit, true},
	chat.HarmToOthers:     {3, chat.Crisis, true, chat.Explicit, true},
	chat.AbuseViolence:    {4, chat.Safety, false, chat.Explicit, true},
	chat.AcutePsychiatric: {5, chat.Safety, false, chat.Explicit, true},
	chat.Minor:            {6, chat.Boundary, false, "", false},
	chat.MisuseDiversion:  {7, chat.Declined, false, "", false},
	chat.Dosing:           {8, chat.Boundary, false, "", false},
	chat.Medication:       {9, chat.Boundary, false, "", false},
	chat.Pregnancy:        {10, chat.Boundary, false, "", false},
	chat.Diagnosis:        {11, chat.Boundary, false, "", false},
	chat.Injection:        {12, chat.Declined, false, "", false},
	chat.OffTopic:         {13, chat.Declined, false, "", false},
	chat.SmallTalkTopic:   {14, chat.SmallTalk, false, "", false},
	chat.SuicideTopic:     {15, "", false, chat.Topic, true},
}

// takesOver says whether the category is one of danger.
func takesOver(c chat.Category) bool {
	m := categories[c]
	return m.outcome == chat.Emergency || m.outcome == chat.Crisis || m.outcome == chat.Safety
}
