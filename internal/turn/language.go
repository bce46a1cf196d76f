package turn

import (
	"strings"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// languagesSpoken tells whoever writes in another language what is answered in.
const languagesSpoken = "I can answer in English and Spanish only.\n\n"

// inTheirLanguage is the same in the languages that are told apart. Where a text is
// in none of them it is said in both that are answered in.
var inTheirLanguage = map[string]string{
	language.Undetermined: "Solo puedo responder en inglés y español. ",
	"fr":                  "Je ne peux répondre qu'en anglais et en espagnol. ",
	"de":                  "Ich kann nur auf Englisch und Spanisch antworten. ",
	"pt":                  "Só posso responder em inglês e espanhol. ",
	"it":                  "Posso rispondere solo in inglese e in spagnolo. ",
	"nl":                  "Ik kan alleen in het Engels en Spaans antwoorden. ",
	"pl":                  "Mogę odpowiadać tylko po angielsku i hiszpańsku. ",
	"ru":                  "Я могу отвечать только на английском и испанском. ",
	"uk":                  "Я можу відповідати лише англійською та іспанською. ",
	"tl":                  "Sa Ingles at Espanyol lang ako makakasagot. ",
	"vi":                  "Tôi chỉ có thể trả lời bằng tiếng Anh và tiếng Tây Ban Nha. ",
	"ht":                  "Mwen ka reponn an angle ak an panyòl sèlman. ",
	"ro":                  "Pot răspunde doar în engleză și spaniolă. ",
	"sv":                  "Jag kan bara svara på engelska och spanska. ",
	"tr":                  "Yalnızca İngilizce ve İspanyolca yanıt verebiliyorum. ",
	"ar":                  "يمكنني الإجابة بالإنجليزية والإسبانية فقط. ",
	"fa":                  "من فقط می\u200cتوانم به انگلیسی و اسپانیایی پاسخ بدهم. ",
	"hi":                  "मैं केवल अंग्रेज़ी और स्पेनिश में उत्तर दे सकता हूँ। ",
	"zh":                  "我只能用英语和西班牙语回答。 ",
	"ja":                  "英語とスペイン語でのみお答えできます。 ",
	"ko":                  "저는 영어와 스페인어로만 답할 수 있습니다. ",
}

// answeredInEnglish is what goes before an answer to a question in another
// language: a word in that language which says so, and the same in English. It is
// empty where the question is in a language of the material.
func answeredInEnglish(question chat.Text) string {
	tag := language.Foreign(string(question))
	if tag == "" {
		return ""
	}
	return inTheirLanguage[tag] + languagesSpoken
}

// youCouldAsk offers questions in the text, for clients that are not shown
// suggestions.
func youCouldAsk(locale string, questions []string) string {
	begin, last := "You could ask me: ", " or "
	if language.Known(locale) == language.Spanish {
		begin, last = "Puede preguntarme: ", " o "
	}
	quoted := make([]string, len(questions))
	for i, question := range questions {
		quoted[i] = "“" + strings.TrimRight(question, "?") + "?”"
		if strings.HasPrefix(question, "¿") || begin[0] == 'P' {
			quoted[i] = "“¿" + strings.Trim(question, "¿?") + "?”"
		}
	}
	end := len(quoted) - 1
	return begin + strings.Join(quoted[:end], ", ") + last + quoted[end]
}
