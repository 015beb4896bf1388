// Package sessions owns what session events mean: which events of a log are
// read, who an event speaks of, and whether it proves a remote session; it
// folds them into snapshot.Sessions and shows them one by one. The forms of
// log files belong to its subfolders, and what a session costs to the rules.
//
// # The way of an event
//
//	file of a form ─▶ record.Record    a reader in evtx, eventxml, eventcsv, eventjson, eventtext: the fields of
//	      │                            one record of the source, as bytes of the file (read.go chooses the reader)
//	      ▼
//	Composer       ─▶ Event            the fields that its channel and event id require (event.go, channel.go)
//	      │                            Inspect judges it here and shows it
//	      ▼
//	eventBuffer    ─▶ codedEvent       in numbers, its names as text beside it, so that it outlives the record
//	      │                            (coded_event.go, event_buffer.go); workers make eventBatches of them, piece
//	      │                            by piece of the log (event_batch.go), and what follows is one goroutine a file
//	      ▼
//	Folder.resolve ─▶ codedEvent       its names as numbers too: nameTable has them (name_table.go), spellingCache
//	      │                            remembers how this file writes a host with its user (spellings.go)
//	      ├──────▶ hostLog             how far the records of its host and channel reach in this file, and what is
//	      │                            missing between (host_log.go); at the end of the file a fileLog of
//	      │                            logTable (log_table.go), handed on as snapshot.Log
//	      ▼
//	Judge          ─▶ judgement        what it proves, and what it does to the sessions of the user on the host
//	      │                            that tracker remembers within the file (judge.go, track.go)
//	      ▼
//	Folder.fold    ─▶ monthRow         of host, account and month in monthTable: a bit a day, and the earliest and
//	      │                            latest events of each kind as storedMarks (fold.go, month_table.go)
//	      ▼
//	Folder.Rows    ─▶ snapshot.Use     the row as the store takes it: its marks as snapshot.Sighting and
//	                                   snapshot.Mark (rows.go)
//
// An event so has these shapes: Record, Event, codedEvent, judgement, and in a
// row codedMark (a codedSighting with its session) on the way in and out and
// storedMark (with longNumbers beside it where they do not fit) at rest. The
// coded ones exist because a month of a large provider has a hundred million
// events: nothing of an event may cost an allocation or wait for memory, and
// what is kept grows with hosts, accounts and months and not with events.
//
// The Folders of one collection, one a worker, write into the same tables
// (tables.go), behind one lock.
package sessions
