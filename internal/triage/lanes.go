package triage

// The filters' values are added and compared four to a machine word, which is what a
// long message's time goes into. A lane of 16 bits holds the sum of three rows' bytes,
// which are 128 more than what they stand for, so that none is below 0 and the highest
// bit is free. A filter's bias comes to its largest sum.

// lanes are the values of all filters: of each eight, those at even places and then
// those at odd ones.
type lanes [signValues / 4]uint64

const (
	byteZero  = 128 // what stands for 0 in a row
	laneZero  = 3 * byteZero
	eachLane  = 0x0001_0001_0001_0001
	evenBytes = 0x00FF_00FF_00FF_00FF
)

func laneAt(filter int) int { return filter/8*2 + filter%2 }

func laneShift(filter int) int { return filter % 8 / 2 * 16 }

// value is what a filter's lane holds.
func (l *lanes) value(filter int) int {
	return int(l[laneAt(filter)]>>laneShift(filter)&0xFFFF) - laneZero
}

// raise makes each lane the larger of two.
func (l *lanes) raise(other *lanes) {
	for i, x := range other {
		l[i] = largerLanes(l[i], x)
	}
}

// largerLanes takes of each pair of lanes the larger one.
func largerLanes(a, b uint64) uint64 {
	const high = 0x8000 * eachLane
	more := (b | high) - a // by how much b is larger, marked by the highest bit where it is not smaller
	mask := more & high
	return a + more&(mask-mask>>15)
}

// filter raises largest to the filters' sums at three neighbouring words, which are
// given by their rows.
func (w *signWeights) filter(words *[signWidth]int32, largest *lanes) {
	a := w.rows[int(words[0])*signRowBytes:][:signValues]
	b := w.rows[int(words[1])*signRowBytes+signValues:][:signValues]
	c := w.rows[int(words[2])*signRowBytes+2*signValues:][:signValues]
	for i := 0; i < signValues; i += 8 {
		x, y, z := eightBytes(a[i:]), eightBytes(b[i:]), eightBytes(c[i:])
		even, odd := &largest[i/4], &largest[i/4+1]
		*even = largerLanes(*even, x&evenBytes+y&evenBytes+z&evenBytes)
		*odd = largerLanes(*odd, x>>8&evenBytes+y>>8&evenBytes+z>>8&evenBytes)
	}
}

func eightBytes(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

const (
	signRun      = 3                       // places that are remembered together; a block holds whole runs
	signRunWords = signRun + signWidth - 1 // which their filters see
)

// runs remember what the filters came to at a run of places within a message, since the
// messages of most words are few letters or signs over and over.
type runs struct {
	words   [128][signRunWords]int32 // by the run's hash: its words' rows; the first is below 0: none is kept
	largest [128]lanes
}

func (r *runs) forget() {
	for i := range r.words {
		r.words[i][0] = -1
	}
}

// at returns the largest sums of the filters at the run of these words.
func (r *runs) at(w *signWeights, words *[signRunWords]int32) *lanes {
	hash := uint32(0)
	for _, row := range words {
		hash = (hash ^ uint32(row)) * 0x85EBCA6B
	}
	place := hash >> 25
	kept := &r.largest[place]
	if r.words[place] != *words {
		r.words[place], *kept = *words, lanes{}
		for i := range signRun {
			w.filter((*[signWidth]int32)(words[i:]), kept)
		}
	}
	return kept
}
