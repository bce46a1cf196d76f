// Package triage reads every message before anything else does.
package triage
