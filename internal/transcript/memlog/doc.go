// Package memlog keeps sessions in this process's memory.
package memlog
