// Package redislog keeps sessions in Redis, so that they outlive a process and
// every replica sees them.
//
// It promises what transcript.Log promises. An append is one script call, and
// so is all or nothing, and may be sent twice. What sessions append at the same moment
// shares a round trip where the ones before are still under way. The clock is the
// server's, so that replicas whose clocks differ agree. A replica has one connection on
// which it hears of all its sessions (one to each shard of a Cluster), and no
// goroutine per session. Its own followers are given what it stored; the log is read
// for what others stored, and by whoever fell behind. While a session is followed here
// its entries are held in memory, opened, within bounds.
//
// What it stores, PREFIX being "bedside:" by default and SESSION the session's
// id in braces, a hash tag, so that all keys of a session share a Cluster slot:
//
//	PREFIX{SESSION}:log     stream; the entries. An entry's id is its cursor.
//	                        r  the answer: the last 16 characters of its id
//	                        q  the event's sequence number
//	                        e  the event as transcript.Encode writes it, sealed
//	                           if there is a Sealer
//	PREFIX{SESSION}:state   hash; what is needed to judge an append.
//	                        created, deadline, expires  milliseconds since 1970
//	                        last       cursor of the last entry
//	                        help       1: the help bar is on
//	                        key        the session's key, wrapped (with a Sealer)
//	                        s:ANSWER   last sequence number of the answer
//	                        f:ANSWER   highest fence given out
//	                        e:ANSWER   0: its question is stored; 1: it has its
//	                                   terminal event
//	                        open       questions without a terminal event
//	                        holder     the replica that had the lease last
//	                        until      when the lease ends, in milliseconds since 1970
//	                        m:HASH     what a client message id began: the answer,
//	                                   and the cursor that stood before it. HASH
//	                                   is a hash, for clients choose these ids
//	                        forgotten  1, and nothing else: the session was
//	                                   forgotten and must not be begun again
//	PREFIX{SESSION}:live    channel; what followers are told, as JSON. In a Cluster
//	                        of Redis 7 or later it is PREFIX{SESSION}:shard, a
//	                        channel of the session's shard
//	                        o  the replica that speaks
//	                        c  the last cursor
//	                        s  a status {r, q, t}; absent: there are new entries
//	                        k  "forgotten"
//
//	PREFIX{open-N}:sessions sorted set, N from 0 to 15; the sessions that may have an
//	                        open question. A session is listed before its question
//	                        is stored, with a number that marks the listing, and
//	                        taken off by whoever finds none open, unless it was
//	                        listed anew
//	PREFIX{open-N}:ended    sorted set; the sessions that were taken off, by when. They
//	                        are looked at once more after a minute: a failover may
//	                        have lost an answer's end
//
//	PREFIX{SESSION}:probe   for the length of a script, before a WAIT
//	PREFIX{REPLICA}:probe   for the length of a script, to see whether the server
//	                        can be written
//
// The lease stands in the state, by the server's clock, rather than in a key of its
// own: an append renews it and a Forget ends it without another command. The list
// is no part of a session's slot, so that it may be left behind a moment: what it
// names is looked at before anything is done.
//
// Where the server has replicas, a question is told of once a replica has it, or a
// quarter of a second later; the ends of answers are looked at beside the path, and
// so is the file of a server that brings it to the disk later than it replies. What
// came of it is counted: see Options.Confirmed. A loss is noticed by the cursor.
//
// A session's keys expire together: after idle time, or at the session's absolute end,
// or for a forgotten session when no client can still hold it.
//
// A session is unknown here (transcript.ErrNoSession, and no fence of it is
// raised) when its key does not open, and when something of it cannot be read,
// as an entry that was altered or moved: the first is said once per process,
// the second once per session that is in use.
//
// Forgetting deletes both keys at once. Redis's append-only file holds what it
// wrote of the session until it is rewritten, so a rewrite is asked for then: at
// most once a minute, when the log is closed if one is owed by then, and not at
// all where Redis keeps no such file or the ACL refuses it, which is noted once
// at debug level. Snapshots and the files of Redis's own replicas are for the
// operator.
//
// A user with an ACL needs ~PREFIX* &PREFIX* and the commands eval, evalsha,
// hmget, hset, xadd, xtrim, xrange, xrevrange, zadd, zrange, zscore, zrem,
// pexpire, pexpireat, del, time, publish, subscribe, unsubscribe, ping, hello,
// auth, select; info and bgrewriteaof for the rewrite; wait, waitaof, info and
// config|get to have what is stored confirmed; in a Cluster spublish,
// ssubscribe, sunsubscribe, command and cluster|slots.
package redislog
