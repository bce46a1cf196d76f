// Package triage reads every message before anything else does, and decides
// whether a person needs a person: emergencies, crises, violence, acute
// psychiatric states, and the questions that only a clinician may answer.
//
// It promises that a decision needs no network, no store and no model, that the
// same message in the same context always comes to the same decision, that each
// decision names the rule that made it, and that no message makes it slow. A
// model may add to what it finds and never takes anything away. It stores nothing;
// what it reads is replies, help lines and rules under safety/ of the knowledge
// folder, which a clinic can edit and a reviewer can read beside the protocol.
//
// # From letters to a decision
//
//  1. The scan (fold.go) cuts a message into words: case, accents, look-alike
//     letters of other scripts, invisible characters and emoji no longer matter.
//     Placeholders of redaction stand for words that no rule knows, so that the
//     stored form of a message is read as the typed one was.
//  2. Spelling (message.go, vocabulary.go): misspellings that the data lists,
//     one slip in a long key word, repeated, starred and leet letters, letters
//     written apart, and words written together.
//  3. Words and phrases belong to classes such as <want> or <relation>. A pattern
//     (pattern.go) is classes and words in order, with room between. Positions
//     are sets of bits: a pattern is matched by shifting and intersecting whole
//     sets (match.go), so that the work is the message's length times the number
//     of patterns whose words occur, whatever the message is.
//  4. Idioms are taken away first, from the rules and from the learned signs; what is
//     dangerous without them still counts.
//  5. Frames (frame.go) are stretches in which words mean less or somebody else:
//     negated, long past, quoted, a subject that is learned about, what a drug
//     may do, what might happen. The nearest person named before a match says
//     whose danger it is. What a sentence tells of before its question is told, not
//     asked. Frames change a crisis's level (explicit, indirect,
//     topic) or category and never silence it; an emergency that is over, denied
//     or asked about in general is none.
//  6. Where no rule has found danger, the learned signs are read (signs.go): two
//     small networks over the words in their order, and what each word, and each two
//     and three that stand together, speaks for (phrases.go). They are learned from
//     testdata/training with `bedside learn signs`, and shipped as tables of one byte
//     for each word and filter, and for each phrase. They only ever add, under the
//     rule name signs/...: a crisis in its soft form, or another danger. They need a
//     higher score where a rule has found the subject. What only a weak rule,
//     or a rule's weak patterns, found, whose words are often said in safety, is a
//     danger where they see one too, be it by a low score. Otherwise a crisis is the
//     subject with its help line, and any other danger is none.
//  7. Of all that matched, the category of the highest priority (category.go) is
//     answered, and the others add their resources.
//
// The person's last three messages stand before the current one, so that a
// sentence that was sent in pieces is read whole; a match must end in the current
// message. Only emergencies, crises, violence and acute states are read across
// messages.
//
// # The same words are never sent twice in a row
//
// A category's full reply is given when the latest urgent reply was of another
// category or there was none. When the same category comes again, its shorter
// forms take turns by the count of the session's urgent replies; each names 988
// or 911. After an urgent reply, a message without a subject of its own ("no",
// "I'm fine", "thanks") is answered by the next of these forms too, until the
// person asks something. Other fixed replies have a second form, which takes turns
// with the first while the messages are of the same category. Whatever the counts
// come to, what would be the text of the latest answer gives way to the next form.
package triage
