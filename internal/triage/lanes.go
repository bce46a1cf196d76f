package triage

// The filters' values are added and compared four to a machine word, which is what a
// long message's time goes into. A lane of 16 bits holds a value and laneZero, so that
// none is below 0 and the highest bit is free.

// lanes are the values of all filters: of each eight, those at even places and then
// those at odd ones.
type lanes [signValues / 4]uint64

const (
	laneZero  = 1 << 14
	eachLane  = 0x0001_0001_0001_0001
	evenBytes = 0x00FF_00FF_00FF_00FF
	// asUnsigned turns the bytes of a row, which are signed, into ones that are 128 more.
	asUnsigned = 0x8080_8080_8080_8080
	// mostBias is what a bias and three bytes more still leave within a lane.
	mostBias = laneZero - 3*128
)

// noValue is 0 in all lanes: nothing counts below.
var noValue = func() (l lanes) {
	for i := range l {
		l[i] = laneZero * eachLane
	}
	return l
}()

// lanesOf puts biases into lanes, less what makes the bytes of three rows unsigned;
// false: one is too large for a lane.
func lanesOf(bias *[signValues]int16) (l lanes, ok bool) {
	for f, x := range bias {
		if x > mostBias || x < -mostBias {
			return l, false
		}
		l[laneAt(f)] |= uint64(int(x)-3*128+laneZero) << laneShift(f)
	}
	return l, true
}

func laneAt(filter int) int { return filter/8*2 + filter%2 }

func laneShift(filter int) int { return filter % 8 / 2 * 16 }

// value is what a filter's lane holds.
func (l *lanes) value(filter int) int16 {
	return int16(l[laneAt(filter)]>>laneShift(filter)&0xFFFF) - laneZero
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
	kept := ((a | high) - b) & high // set where a is not smaller
	mask := kept - kept>>15 | kept
	return b ^ (a^b)&mask
}

// filter raises largest to the filters' values at three neighbouring words.
func (w *signWeights) filter(first, second, third int, largest *lanes) {
	a := w.rows[first*signRowBytes:][:signValues]
	b := w.rows[second*signRowBytes+signValues:][:signValues]
	c := w.rows[third*signRowBytes+2*signValues:][:signValues]
	for i := 0; i < signValues; i += 8 {
		x, y, z := eightBytes(a[i:])^asUnsigned, eightBytes(b[i:])^asUnsigned, eightBytes(c[i:])^asUnsigned
		even, odd := &largest[i/4], &largest[i/4+1]
		*even = largerLanes(*even, x&evenBytes+y&evenBytes+z&evenBytes+w.lanes[i/4])
		*odd = largerLanes(*odd, x>>8&evenBytes+y>>8&evenBytes+z>>8&evenBytes+w.lanes[i/4+1])
	}
}

func eightBytes(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
