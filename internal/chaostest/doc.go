// Package chaostest breaks what the gateway runs on, from outside: real gateways,
// redis-server, Sentinel, Cluster and haproxy as processes, a scripted model, and
// clients of raw frames that keep the rules of the wire and nothing else.
//
//	go test ./internal/chaostest -chaos short            # minutes
//	go test -timeout 35m ./internal/chaostest -chaos full -report report.json
//
// Without -chaos nothing is broken, and every test is skipped.
//
// It promises that all traffic stays on loopback and that what it starts ends with
// the test. It stores the report, where asked to.
package chaostest
