package redistest

// replicator is the user as whom the replicas of a set follow their primary.
const replicator = "replicator"

// replicating are the options of a server that has, or becomes, a replica.
func replicating() []string {
	return []string{
		"--user", replicator, "on", ">" + replicator, "~*", "&*", "+@all",
		"--masteruser", replicator, "--masterauth", replicator,
	}
}

// CutOff keeps the replicas of a set's server from following it: what is written
// from then on never reaches them, as where the network between them is slow when
// the server is lost.
func (s *Server) CutOff() {
	s.t.Helper()
	s.must("ACL", "SETUSER", replicator, "off")
	s.must("CLIENT", "KILL", "TYPE", "replica")
}
