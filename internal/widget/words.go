package widget

import "bedside/internal/language"

// pageWords are what the page at "/" says. The Spanish waits for a qualified human
// translator, as the fixed replies do.
type pageWords struct {
	Title, Description, Skip     string
	DangerBefore, DangerBetween  string
	DangerAfter                  string
	Lead                         string
	Points                       []point
	Heading                      string
	Person, Call, Hours, ByPhone string
	Protocol                     string
	Other, OtherCode             string
	Disclosure, NoScript         string
}

type point struct{ Title, Text string }

var pageTexts = map[string]pageWords{
	language.English: {
		Title:        "Questions about ketamine therapy",
		Description:  "Ask what ketamine therapy is, how it works and what to expect. Each answer names its source.",
		Skip:         "Go to the chat",
		DangerBefore: "In danger:", DangerBetween: "In crisis: call or text", DangerAfter: ".",
		Lead: "What it is, how it works, what to expect. Ask in your own words, at any hour.",
		Points: []point{
			{"Every sentence has its source", "Answers are drawn from our own pages. Tap the small number after a sentence to read the words it rests on."},
			{"A program answers, not a person", "It is an AI. It gives general education and no medical advice, and nobody watches the chat."},
			{"You can leave no trace", "There are no cookies. You can delete the conversation at any time, here and with us."},
		},
		Heading: "What would you like to know?",
		Person:  "Rather talk with a person?", Call: "Call", Hours: "Hours", ByPhone: "Call the clinic",
		Protocol: "What this chat does when someone is in danger",
		Other:    "Español", OtherCode: language.Spanish,
		Disclosure: "You are talking to a computer program (an AI), not to a person or a clinician. It gives general education and no medical advice. Nobody watches this chat.",
		NoScript:   "This chat needs JavaScript. Please call the clinic with your question.",
	},
	language.Spanish: {
		Title:        "Preguntas sobre la terapia con ketamina",
		Description:  "Pregunte qué es la terapia con ketamina, cómo actúa y qué esperar. Cada respuesta nombra su fuente.",
		Skip:         "Ir al chat",
		DangerBefore: "En peligro:", DangerBetween: "En crisis: llame al", DangerAfter: " y oprima 2, o envíe AYUDA por texto.",
		Lead: "Qué es, cómo actúa, qué esperar. Pregunte con sus palabras, a cualquier hora.",
		Points: []point{
			{"Cada frase tiene su fuente", "Las respuestas salen de nuestras propias páginas. Toque el número pequeño tras una frase para leer las palabras en que se apoya."},
			{"Responde un programa, no una persona", "Es una inteligencia artificial. Da información general y ningún consejo médico, y nadie vigila el chat."},
			{"Puede no dejar rastro", "No hay cookies. Puede borrar la conversación en cualquier momento, aquí y con nosotros."},
		},
		Heading: "¿Qué le gustaría saber?",
		Person:  "¿Prefiere hablar con una persona?", Call: "Llame", Hours: "Horario", ByPhone: "Llamar a la clínica",
		Protocol: "Qué hace este chat cuando alguien está en peligro",
		Other:    "English", OtherCode: language.English,
		Disclosure: "Está hablando con un programa de computadora (una inteligencia artificial), no con una persona ni con un profesional de la salud. Da información general y ningún consejo médico. Nadie vigila este chat.",
		NoScript:   "Este chat necesita JavaScript. Por favor, llame a la clínica con su pregunta.",
	},
}
