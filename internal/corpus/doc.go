// Package corpus turns a folder of reviewed Markdown pages into the passages
// that are searched, cited and shown.
//
// A folder holds pages (*.md, README.md aside), each with YAML front matter
// and one passage under each "## " heading, and may hold facts.yaml files:
// what the pages say as a list that a clinician reviews, and the qualifiers,
// sentences that must stand beside a claim. A passage names qualifiers by id,
// so that each is written and approved once. A not-covered.yaml lists what the
// pages do not answer, so that such questions are told from others. DESIGN.md
// beside this file describes the formats.
//
// Load promises to take in all of a folder or nothing. It reports every fault
// that it finds, each with file and line, so that whoever edits pages mends
// them in one go. It follows no link out of the folder, reads no more than
// fixed sizes, and lets through no text that a reader could not see or that a
// browser would read as markup: control characters, invisible characters,
// raw HTML.
//
// It stores nothing and keeps no reference to the folder.
package corpus
