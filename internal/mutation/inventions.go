package mutation

import "strings"

// inventions are sentences in the manner of an answer that the shipped material
// does not carry; some are true of the world, which is no reason to say them.
var inventions = []string{
	"Insurance pays for most of the treatment.",
	"Ketamine is safe during pregnancy.",
	"Ketamine restores normal sleep after the first night.",
	"The treatment costs less than a visit to the dentist.",
	"Patients drive home by themselves an hour later.",
	"Ketamine lowers blood pressure in older adults.",
	"Children respond better than their parents.",
	"Side effects never last longer than a minute.",
	"Ketamine is covered by every health plan in the country.",
	"A nurse stays in the room for the whole session.",
	"Grapefruit juice makes the effect stronger.",
	"Ketamine repairs damage that alcohol did to the liver.",
	"Most patients lose weight in the first month.",
	"People with heart disease tolerate it well.",
	"Ketamine cannot lead to addiction.",
	"The clinic offers a refund when nothing changes.",
	"Studies in Sweden found lasting remission in nearly everyone.",
	"Ketamine raises testosterone and improves athletic performance.",
	"You may eat a full breakfast before the infusion.",
	"Ketamine is stronger than electroconvulsive therapy.",
	"Memory gets sharper with each session.",
	"Blood tests show who will respond.",
	"Ketamine can be mixed with wine in moderation.",
	"A pharmacist can hand it out without a prescription.",
	"Its effect comes from the gut and not from the brain.",
	"Ketamine protects against dementia in later life.",
	"The treatment works best on an empty stomach in the morning.",
	"Women need fewer sessions than men.",
	"Ketamine was first found in a mushroom in Peru.",
	"The United Nations recommends it as a first choice.",
	"Tolerance does not develop.",
	"Ketamine clears the skin and strengthens the hair.",
	"Doctors in Japan use it for asthma.",
	"The effect is the same as that of a placebo.",
	"Bladder problems are a myth.",
	"Ketamine helps smokers quit within a week.",
	"Music during the session doubles the effect.",
	"Patients with bipolar disorder recover fastest.",
	"Ketamine leaves the body after ten minutes.",
	"Home delivery is available in all states.",
	"It is the cheapest treatment that exists for depression.",
	"Ketamine has no interactions with other medicines.",
	"Hallucinations are a sign that the treatment works.",
	"The first session is free for veterans.",
	"Ketamine heals nerve injuries after car accidents.",
	"Teenagers may get it with the consent of a teacher.",
	"Researchers at Oxford have confirmed that it extends life.",
	"Ketamine treats migraine, tinnitus and insomnia.",
	"You will feel nothing unusual during the session.",
	"Yoga makes the medicine unnecessary.",
}

// falseEndings are the sentence with an invention behind what looks like an end.
func falseEndings(text string, turn int) []string {
	tails := []string{
		", e.g. in a dose of 2.5 mg a day", " (approx. 40 mg)", ", says Dr. Miller of St. Luke's in Boston", " vs. 3.5 times as fast as lithium",
		", i.e. at 7 p.m. on an empty stomach", " by 12.5 percent a week", ", cf. Fig. 3 in Smith et al. on 4.5 million patients", " within 1.5 hrs. of each visit",
		", esp. at the Mayo Clinic in the U.S. Navy", " or ca. 0.25 mg per kg",
	}
	body := strings.TrimSuffix(text, ".")
	return []string{body + tails[turn%len(tails)] + ".", body + tails[(turn+5)%len(tails)] + "."}
}

// splitEndings are two sentences in one piece of text, or one with a stop inside,
// of which only the first could be true: wherever the text is cut into pieces,
// what was put in must not be shown.
func splitEndings(text string, turn int) []string {
	body := strings.TrimSuffix(text, ".")
	return []string{
		[]string{
			body + "!? Take 2.5 mg of it daily.", body + "... and that is a promise.", "Version 2.0: " + text,
			body + ".Insurance pays for it.", body + " (see p. 14).", body + "; call 1.800.555.0100 now.",
		}[turn%6],
	}
}
