package limit

import "net/netip"

// Key returns what an address is counted as: an IPv4 address as itself, an IPv6
// address as its /64.
func Key(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if !address.Is6() {
		return address.String()
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return address.String()
	}
	return prefix.String()
}
