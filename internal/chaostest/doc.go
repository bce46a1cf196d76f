// Package chaostest breaks what the gateway runs on, from outside: real gateways,
// redis-server, Sentinel, Cluster and haproxy as processes, a scripted model, and
// clients of raw frames that keep the rules of the wire and nothing else.
//
//	go test -count=1 -timeout 6m ./internal/chaostest -chaos short
//	go test -count=1 -timeout 35m ./internal/chaostest -chaos full -report testdata/report.json
//
// Without -chaos nothing is broken, and every test that would is skipped. The second
// writes the report that is kept; TestReadme then says what the README must have.
//
// It promises that all traffic stays on loopback and that what it starts ends with
// the test. It stores the report, where asked to.
package chaostest
