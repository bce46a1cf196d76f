package ground

// Reasons of Forbidden, as the safety protocol names what no answer may hold.
const (
	Dose         = "dose"          // an amount of a drug, or how often to take it
	Promise      = "promise"       // that it will work, or is without risk
	StopMedicine = "stop_medicine" // start, stop or change a medicine
	Diagnosis    = "diagnosis"     // what the person has, or is fit for
	Method       = "method"        // how a person could come to harm
	Alerted      = "alerted"       // that someone was told, is coming or is watching; or secrecy
	Prompt       = "prompt"        // what the model was told
	Misuse       = "misuse"        // where to get it, how to be let in
	Wording      = "wording"       // words that hurt
)

// rule is one line of the protocol. Patterns read lower case without accents.
type rule struct {
	reason  string
	words   string // one of these must stand in the sentence (a cheap test first)
	pattern string
	unless  string // a match is let go when the sentence up to its end matches this
	spares  bool   // a match is let go when its clause denies it ("it is not a cure")
}

const (
	amount    = `(?:\d+(?:[.,/]\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a |one |two )?hundred|half an?|half|un|una|dos|tres|cuatro|cinco|diez|veinte|cincuenta|cien|media|medio)(?: (?:and a half|hundred))?`
	medicine  = `(?:medic\w*|meds?\b|antidepress\w*|antidepres\w*|pills?\b|tablets?\b|drugs?\b|ssris?\b|snris?\b|prescription\w*|dos(?:e|es|age|is)\b|treatment|therapy|ketamine|spravato|lithium|benzo\w*|pastillas?\b|tratamiento|ketamina)`
	stopWords = `(?:stop|stops|quit|skip|halve|double|taper|come off|go off|get off|ditch|discontinue|wean(?: yourself)?|drop|cut out|throw away|flush)`
	change    = `(?:cut(?: back| down)?|lower|reduce|increase|raise|replace|switch|change|pause|adjust|swap|start|begin|add|combine|mix|split)`
	mayYou    = `\b(?:you|u|usted|tu|patients?|people|they|one)(?:'ll|'d)?(?: (?:should|can|could|may|might|must|will|would|ought to|need to|have to|are able to|are free to|will be able to|'ll))+(?: (?:also|now|then|safely|just|simply|gradually|slowly|probably|always|even))*`
	condition = `(?:depress\w*|depres\w*|ptsd|tept|anxi\w*|ansiedad|bipolar\w*|schizo\w*|esquizo\w*|psychosis|psicosis|disorder\w*|trastorno\w*|adhd|ocd|crps|fibromyalgia|fibromialgia|addict\w*|mania|borderline|panic|suicidal\w*)`
	asks      = `\b(?:if|when|whether|unless|once|in case|should|what|do|does|until|after|before|while|or|for people who|si|cuando|what's|how)(?: \w+){0,4}? (?:you|usted|tu)\b|\bsi (?:usted )?(?:tiene|sufre|padece|esta)|\?$`
)

// rules are what no sentence may say, in the protocol's order of what harms most.
var rules = []rule{
	// Doses: any number with a drug's unit or form, and how often to take it.
	{reason: Dose, words: "0 1 2 3 4 5 6 7 8 9 gram cc unit ml", pattern: `\b` + amount + `\s*-?\s*(?:(?:to|or|a|o|-)\s*` + amount + `\s*-?\s*)?(?:mg|mcgs?|ug|ml|mls|cc|iu|units?|milli ?grams?|micro ?grams?|milli ?lit(?:er|re)s?|miligramos?|microgramos?|mililitros?|grams?|gramos?|grains?|m\.g\.?)(?:\b|/)`},
	{reason: Dose, words: "kg", pattern: `\b(?:mg|mcg|ug|ml|milligrams?|micrograms?|grams?)\s*(?:/|per|por)\s*(?:kg|kilo|pound|lb)`},
	{reason: Dose, words: "pill tablet capsule lozenge troche spray puff drop patch scoop tablespoon teaspoon bump line pastilla gota capsula inhalaci", pattern: `\b` + amount + `(?: (?:more|extra|small|nasal|or (?:two|three)))? (?:pills?|tablets?|capsules?|caps|lozenges?|troches?|sprays?|puffs?|drops|patch(?:es)?|scoops?|tablespoons?|teaspoons?|bumps?|lines|pastillas?|tabletas?|gotas|capsulas?|inhalaciones)\b`, spares: true},
	{reason: Dose, words: "take use inhale inject swallow snort dose tome tomar use inyect", pattern: `(?:^|[.!?:;,] ?|\b(?:should|must|can|could|may|to|then|and|please|debe|puede) )(?:take|use|inhale|inject|swallow|snort|dose|repeat|tome|tomar|tomarlo|use|inyecte)\b[^.;!?]{0,50}\b(?:(?:once|twice|` + amount + ` times)(?: (?:a|per|every|each)|-)? ?(?:day|week|month|daily|weekly)|every (?:` + amount + ` )?(?:hours?|days?|weeks?|morning|night)|daily|una vez|dos veces|tres veces|cada (?:` + amount + ` )?(?:horas?|dias?|semanas?|dia))`, spares: true},
	{reason: Dose, words: "dose dosis dosage", pattern: `\b(?:(?:usual|typical|starting|recommended|right|safe|standard|maximum|correct|normal|best|highest|lowest) (?:dose|dosage|amount)|(?:dosis|cantidad) (?:habitual|recomendada|segura|maxima|inicial|normal)) (?:is|are|of|es|de)\b[^.;!?]{0,25}(?:\d|` + amount + `\b)`},

	// Stopping, starting and changing medicines.
	{reason: StopMedicine, words: "stop quit skip halve double taper off ditch discontinue wean drop cut out throw flush", pattern: `\b(?:you|u)(?:'ll|'d)?(?: (?:should|can|could|may|might|must|will|would|ought to|need to|have to|are able to|are free to|will be able to))+(?: (?:also|now|then|safely|just|simply|gradually|slowly|probably|always|even))* ` + stopWords + `\b`, unless: `\bbefore you\b|\bask\b[^.]*\b(?:if|whether|before|when)\b|\b(?:if|whether|when) you\b`, spares: true},
	{reason: StopMedicine, words: "stop quit skip halve taper off discontinue drop cut lower reduce increase raise replace switch change pause adjust swap start begin add combine mix split", pattern: mayYou + ` (?:` + stopWords + `|` + change + `)\b(?: (?:taking|using|your|their|the|all|any|other|most|daily|this|these|his|her|with|on|of|regular|usual|prescribed|current|own|old|ketamine)){0,4} ` + medicine, unless: `\bbefore you\b|\bask\b[^.]*\b(?:if|whether|before|when)\b|\b(?:only|if|whether|with|unless) (?:your|the|a) (?:doctor|clinician|prescriber|care team)|\b(?:doctor|clinician|prescriber)s? (?:can|may|will)`, spares: true},
	{reason: StopMedicine, words: "stop quit skip halve double taper off ditch discontinue wean drop cut start begin increase reduce lower switch replace throw flush", pattern: `(?:^|[.!?:;] ?|, (?:so|then|and|just)? ?|\b(?:yes|please|just|simply|then|go ahead and|time to|best to|better to) ,?)(?:` + stopWords + `|` + change + `)\b(?: (?:taking|using|your|the|all|any|other|daily|this|these|with|on|regular|usual|prescribed|current|old|it)){1,4}(?: (?:` + medicine + `|it\b)|$|[.,!])`, unless: `\b(?:people|patients|who|they|some)\b`, spares: true},
	{reason: StopMedicine, words: "taking using", pattern: `(?:^|[.!?:;] ?|\b(?:yes|please|just|simply|then|now) ,?)(?:stop|quit|skip|discontinue|start|begin) (?:taking|using) \w`},
	{reason: StopMedicine, words: "ok fine safe right best better time idea", pattern: `\b(?:it's|it is|is|would be|its) (?:perfectly |generally |usually |probably )?(?:ok|okay|fine|safe|all ?right|best|better|time|a good idea) (?:for you )?(?:to|if you) (?:` + stopWords + `|` + change + `|start)\b`, spares: true},
	{reason: StopMedicine, words: "need longer", pattern: `\b(?:you|patients|people|they) (?:(?:will |may |might )?(?:no longer|not|never)|don't|won't|do not|will not)(?: have to| ever)? (?:need|take|use|continue|keep taking)(?: to (?:take|use|continue|keep taking))?(?: (?:your|their|any|other|the|daily|more|of|taking)){0,4} (?:medic\w*|meds\b|antidepress\w*|pills?\b|tablets?\b|drugs?\b|ssris?\b|prescription\w*|lithium|benzo\w*)`, unless: `\bask\b|\bif you\b|\bwhether\b`},
	{reason: StopMedicine, words: "longer without done", pattern: `\byou (?:no longer need|can do without|can live without|are done with)\b`},
	{reason: StopMedicine, words: "instead replace place", pattern: `\b(?:instead of|in place of|replaces?|replacement for|substitute for) (?:taking )?(?:your|their) (?:\w+ ){0,2}` + medicine, spares: true},
	{reason: StopMedicine, words: "dejar dejes deje suspend interrump saltar salte reduzca reducir aument cambi sustitu", pattern: `(?:\b(?:puede|puedes|deberia|debe|debes|podria|podria usted|conviene|esta bien|es seguro|no pasa nada por) (?:ya )?(?:dejar|suspender|interrumpir|saltarse|reducir|aumentar|cambiar|sustituir|empezar)(?: de tomar)?|(?:^|[.!:;] ?)(?:deje|deja|suspenda|interrumpa|saltese|reduzca|aumente|cambie)(?: de tomar)?)\b[^.;!?]{0,30}` + medicine, spares: true},
	{reason: StopMedicine, words: "ya no", pattern: `\bya no (?:necesita|necesitas|tiene que|hace falta)[^.;!?]{0,25}` + medicine},

	// What the person has, or is fit for.
	{reason: Diagnosis, words: "have got suffer criteria signs dealing", pattern: `\b(?:you|u)(?:'ve| (?:(?:do|may|might|could|probably|likely|clearly|definitely|certainly|seem to|appear to|also|must|surely|really) )*)? ?(?:have|got|suffer(?:ing)? from|are suffering from|meet (?:the |all the )?criteria|show (?:the )?signs of|are showing (?:the )?signs of|are dealing with)\b[^.;!?]{0,40}?(?:` + condition + `|criteria)`, unless: asks, spares: true},
	{reason: Diagnosis, words: "depressed bipolar schizo psychotic manic suicidal addict traumatized", pattern: `\byou(?:'re| are)(?: (?:probably|likely|clearly|definitely|certainly|clinically|very|severely|also|most likely))* (?:depressed|bipolar|schizophrenic|psychotic|manic|suicidal|addicted|traumatized|an addict)\b`, unless: asks, spares: true},
	{reason: Diagnosis, words: "candidate qualif eligib fit criteria", pattern: `\byou(?:'re| are| (?:would|will|may|might|could|should|seem to|appear to|sound like) (?:be )?)(?: \w+){0,2}? ?(?:an? )?(?:\w+ )?(?:candidate|eligible|good fit|right fit|poor fit)\b|\byou (?:do |would |will |may |might |clearly |probably |don't |do not |seem to )?(?:qualify|meet the criteria)\b`, unless: asks},
	{reason: Diagnosis, words: "symptom sign answer score description feeling diagnos", pattern: `\byour (?:symptoms?|signs?|answers?|score|description|feelings?|diagnosis)\b[^.;!?]{0,20}(?:are|is|mean|means|suggest|suggests|point|points|sounds?|indicates?|shows?|match|fit)\b[^.;!?]{0,40}` + condition, unless: `\bif\b|\bwhether\b`, spares: true},
	{reason: Diagnosis, words: "sounds looks seems", pattern: `(?:^|[.!?:;,] ?|\bit |\bthis |\bthat )(?:sounds|looks|seems)(?: very| a lot| to me)? like (?:you |a |an |severe |mild |clinical |major )*` + condition},
	{reason: Diagnosis, words: "usted tiene padece sufre candidat cumple", pattern: `\b(?:usted )?(?:tiene|padece|sufre(?: de)?|cumple los criterios)(?: \w+){0,2} ` + condition + `|\b(?:usted )?(?:es|seria) (?:un |una )?(?:buen |buena |mal |mala )?candidat[oa]\b`, unless: `\b(?:si|cuando|quien|quienes|que|gente|personas?|alguien|pacientes?)\b|\?$`, spares: true},
	{reason: Diagnosis, words: "safe right suitable appropriate choice ideal perfect", pattern: `\b(?:is|would be|will be|are)(?: (?:perfectly|completely|probably|generally|certainly|very))* (?:safe|right|suitable|appropriate|a good choice|the right choice|ideal|perfect) for you\b`, unless: `\bif\b|\bwhether\b|\bwhat\b|\bdecide`, spares: true},

	// How a person could come to harm.
	{reason: Method, words: "lethal fatal deadly letal mortal", pattern: `\b(?:lethal|fatal|deadly) (?:dose|dosage|amount|quantity|combination|level|mix)|\b(?:dosis|cantidad|mezcla) (?:letal|mortal)`},
	{reason: Method, words: "painless effective way indolor", pattern: `\b(?:painless|most effective way|(?:easiest|quickest|fastest|surest|best|sure) ways? to (?:die|kill|end|overdose|harm)|indolora?)\b`},
	{reason: Method, words: "pills tablets pastillas", pattern: `\bhow many (?:pills|tablets)\b|\bcuantas pastillas\b`},
	{reason: Method, words: "die kill suicid overdos hang wrist drown shoot jump poison starve suffocat commit matar morir end", pattern: `\bways? to (?:die|kill (?:your|my|one)|end (?:your|my|one's|it)|commit|overdose)|\b(?:hang|shoot|drown|suffocate|cut|poison|starve) (?:yourself|himself|herself|themselves|oneself|your wrists)\b|\bjump(?:ing)? (?:off|from) (?:a |the )?(?:bridge|roof|building)|\b(?:overdose|od) (?:on|by|with) (?:taking|mixing|using)|\bformas? de (?:matarse|morir|suicidarse)`, spares: true},

	// That somebody was told, is coming or is watching; secrecy.
	{reason: Alerted, words: "alert notif contact call told tell inform report messag page sent let", pattern: `\b(?:i|we)(?:'ve| have|'ll| will| am| are|'m|'re)?(?: (?:already|just|now|also|immediately))* (?:alert(?:ed|ing)?|notif(?:y|ied|ying)|contact(?:ed|ing)?|call(?:ed|ing)?|told|tell(?:ing)?|inform(?:ed|ing)?|report(?:ed|ing)?|messag(?:e|ed|ing)|pag(?:e|ed|ing)|sent|sending|let)\b[^.;!?]{0,30}\b(?:clinic|staff|doctor|911|988|police|emergency|someone|somebody|team|nurse|ambulance|therapist|family|provider|clinician|help)\b`, unless: `\b(?:can|could|should|must|may) (?:i|we) `, spares: true},
	{reason: Alerted, words: "alerted notified contacted called told informed sent dispatched paged", pattern: `\b(?:clinic|staff|doctor|police|emergency services?|team|nurse|ambulance|therapist|family|clinician|care team|someone|somebody|help|responders?)\b(?: \w+){0,3}? (?:has been|have been|was|were|is being|are being) (?:alerted|notified|contacted|called|told|informed|sent|dispatched|paged)`, spares: true},
	{reason: Alerted, words: "way coming watching monitor reading review listening standing contacting calling", pattern: `\b(?:help|someone|somebody|staff|nurse|doctor|team|police|ambulance|clinician|person|human)\b(?: \w+){0,3}? (?:is|are|will be) (?:now )?(?:on (?:the|its|their) way|coming(?: to you| now)?|watching|monitoring|reading|reviewing|listening|standing by|contacting you|calling you)\b`, unless: `\b(?:while|until|when|if|before)\b`, spares: true},
	{reason: Alerted, words: "avisado alertado llamado contactado notificado informado camino", pattern: `\b(?:he|hemos|ya) (?:avisado|alertado|llamado|contactado|notificado|informado)\b|\b(?:ayuda|ambulancia|policia|alguien|personal) (?:ya )?(?:esta|va|viene) (?:en camino|de camino)`, spares: true},
	{reason: Alerted, words: "secret confidential anyone anonym", pattern: `\bwon't tell anyone|\bwill not tell anyone|\b(?:i|we)(?:'ll| will| can)? keep (?:this|it|that) (?:a )?(?:secret|private|between us)|\b(?:completely|totally|100%|fully|strictly|entirely) (?:confidential|anonymous|private|secret)|\bour (?:little )?secret\b`},

	// Promises.
	{reason: Promise, words: "cure cura", pattern: `\b(?:will|can|does|shall|may|could) (?:\w+ )?cures?\b|\b(?:is|as|be) (?:a|the) (?:\w+ )?cure\b|\bcures\b|\bcured\b|\b(?:cura|curara|curan) (?:la|el|su|los|las|tu)\b|\bes (?:una|la) cura\b`, spares: true},
	{reason: Promise, words: "guarant promise garanti promet", pattern: `\b(?:we|i|doctors|ketamine|it) (?:can )?(?:guarantees?|promises?)\b|\bguaranteed\b|\bgarantiza(?:do|da|mos|n)?\b|\bprometemos\b`, spares: true},
	{reason: Promise, words: "will fix heal work feel help better remove reset erase", pattern: `\b(?:will|'ll|is going to|are going to)(?: (?:definitely|certainly|surely|always|absolutely|completely|fully|soon|quickly))* (?:fix|heal|erase|end your|take away your|remove your|get rid of|make you (?:better|well|happy|feel)|work for (?:you|everyone)|help you (?:get better|feel better|recover)|save your|change your life|relieve your|reset your)`, spares: true},
	{reason: Promise, words: "will", pattern: `\byou(?:'ll| will| are going to)(?: (?:definitely|certainly|surely|soon|quickly|always))* (?:feel (?:better|great|well|happy|relief|normal|good)|get better|be (?:fine|cured|healed|ok|okay|better|safe|all right|free of)|recover|improve)\b`, unless: `\b(?:if|when|how|whether) you\b`, spares: true},
	{reason: Promise, words: "risk side effects harmless dangers riesgo efectos", pattern: `\b(?:risk|danger|side[- ]effect)[- ]free\b|\b(?:no|zero|without(?: any)?|free of|sin) (?:known |serious |real )?(?:risks?|side effects|dangers?|downsides?|riesgos?|efectos secundarios)\b|\bno (?:tiene|hay|causa) (?:riesgos?|efectos secundarios)\b|\bharmless\b`, unless: `(?:\b(?:not|never|nobody|ni)\b|n't|\bno (?:one|drug|medicine|treatment|quiere|significa)\b)[^.;!?]{0,60}\b(?:no|zero|without|free|sin|harmless)\b`},
	{reason: Promise, words: "safe seguro segura", pattern: `\b(?:completely|totally|perfectly|entirely|absolutely|100%|100 percent|always|very|fully|proven|extremely) safe\b|\b(?:completamente|totalmente|muy|siempre|absolutamente) segur[oa]\b`, spares: true},
	{reason: Promise, words: "miracle miraculous milagro instant works fails permanent 100", pattern: `\bmiracles?\b|\bmiraculous|\bmilagro|\binstant(?:ly|aneous)? relie|\balways works?\b|\bworks? (?:every time|for everyone|for everybody|for all)|\bnever fails?\b|\bpermanent(?:ly)? (?:cure|relief|relieve|fix|end|remission|recovery|solution)|\b100 ?(?:%|percent) (?:effective|success|of (?:people|patients))`, spares: true},
	{reason: Promise, words: "prevent", pattern: `\b(?:ketamine|it|this|treatment|therapy)\b(?: (?:can|will|may|could|helps?|is (?:known|proven|shown) to))? prevents? suicide`, spares: true},

	// What the model was told.
	{reason: Prompt, words: "prompt instruction told rules passage system", pattern: `\b(?:my|the|these|system|hidden|initial|original) (?:system )?(?:prompts?|instructions|system message|guidelines say|rules say)\b|\bsystem prompt\b|\bbegin (?:system|prompt)\b|\bi (?:was|am|'m|have been) (?:told|instructed|programmed|prompted|configured) (?:to|not|that|by)\b`, unless: `\b(?:doctor|clinic|clinician|care team|nurse|prescriber|discharge|label|package)(?:'s|s')? (?:\w+ ){0,2}instructions|follow the instructions|the instructions (?:of|from|on|that)`},
	{reason: Prompt, words: "passage numbered provided given pasaje", pattern: `\bpassages? \d|\b(?:numbered|given|provided|following|above|cited) passages?\b|\bpassages? (?:provided|given|above|below)\b|\b(?:according to|based on|from|in|of|per) the passages?\b|\bthe passages? (?:also |only |do(?:es)? not )?(?:do|does|did|say|state|suggest|mention|provide|describe|explain|show|indicate|focus|contain|tell|discuss)s?\b|\bprovided (?:text|context|material|documents|sources)|\bthe (?:given|provided) (?:text|context|information)|\b(?:los|segun el) pasajes?\b|\bel pasaje \d`},
	{reason: Prompt, words: "assistant chatbot education answer language", pattern: `\byou are (?:a|an) [a-z -]{0,40}(?:assistant|chatbot|patient[- ]education)|\byou answer questions from patients\b|\bas an? (?:ai )?language model\b`},

	// Where to get it, how to be let in.
	{reason: Misuse, words: "dark telegram dealer buy vendor", pattern: `\b(?:darknet|dark web|telegram|drug dealer|a dealer|online vendor|buy it (?:from|at|on|online)|street dealer)\b`, spares: true},
	{reason: Misuse, words: "crush approved score number", pattern: `\bcrush (?:it|the|them|your)\b|\bto get approved,? (?:say|answer|put)\b|\b(?:answer|put|select|choose|rate) (?:a |it |the )?(?:high|low|severe) (?:score|number|on)`, spares: true},

	// Words that hurt.
	{reason: Wording, words: "suicid", pattern: `\bcommit(?:s|ted|ting)? suicide\b|\b(?:successful|failed|completed|unsuccessful) (?:suicide|attempt)|\bcometer suicidio|\bcometio suicidio`},
}
