package eventjson

// target is a part of an event, by the form that has it. Forms are kept apart
// until the object has been read whole: only then is it known which it is.
type target uint8

const (
	skip     target = iota
	extra           // a member that NXLog may have made of an event's value
	winlog          // Winlogbeat 7: an object of its own
	event           // Elastic's event.code and event.provider
	hostInfo        // Elastic's host: nothing of it is taken
	userData
	eventData
	properties // Get-WinEvent
	timestamp  // @timestamp

	w7Channel
	w7ID
	w7Record
	w7Computer
	w7Provider
	w7Activity
	ecsCode
	ecsProvider

	w6Channel
	w6ID
	w6Record
	w6Computer
	w6Provider
	w6Activity

	nxChannel
	nxID
	nxRecord
	nxComputer
	nxProvider
	nxActivity
	nxTime

	psChannel
	psID
	psRecord
	psComputer
	psProvider
	psActivity
	psTime

	text // Message
	account
	targets
)

// The objects whose members are looked at.
const (
	inTop = iota
	inWinlog
	inEvent
	inHost
	contexts
)

// targetOf says what a member of an object is.
func targetOf(ctx int, key []byte) target {
	switch ctx {
	case inWinlog:
		switch string(key) {
		case "channel":
			return w7Channel
		case "event_id":
			return w7ID
		case "record_id":
			return w7Record
		case "computer_name":
			return w7Computer
		case "provider_name":
			return w7Provider
		case "activity_id":
			return w7Activity
		case "user_data":
			return userData
		case "event_data":
			return eventData
		}
		return skip
	case inEvent:
		switch string(key) {
		case "code":
			return ecsCode
		case "provider":
			return ecsProvider
		}
		return skip
	case inHost:
		return skip
	}
	switch string(key) {
	case "winlog":
		return winlog
	case "host":
		return hostInfo
	case "event":
		return event
	case "@timestamp":
		return timestamp
	case "user_data":
		return userData
	case "event_data":
		return eventData
	case "log_name":
		return w6Channel
	case "event_id":
		return w6ID
	case "record_number":
		return w6Record
	case "computer_name":
		return w6Computer
	case "source_name":
		return w6Provider
	case "activity_id":
		return w6Activity
	case "Channel":
		return nxChannel
	case "EventID":
		return nxID
	case "RecordNumber":
		return nxRecord
	case "Hostname":
		return nxComputer
	case "SourceName":
		return nxProvider
	case "ActivityID":
		return nxActivity
	case "EventTime":
		return nxTime
	case "LogName":
		return psChannel
	case "Id":
		return psID
	case "RecordId":
		return psRecord
	case "MachineName":
		return psComputer
	case "ProviderName":
		return psProvider
	case "ActivityId":
		return psActivity
	case "TimeCreated":
		return psTime
	case "Properties":
		return properties
	case "Message":
		return text
	case "AccountName":
		return account
	case "Version", "AccountType", "Domain", "UserID", "Opcode", "OpcodeValue", "EventType", "ThreadID",
		"ProcessID", "ExecutionProcessID", "SeverityValue", "Severity", "SourceModuleName", "SourceModuleType",
		"Keywords", "port", "@version", "EventReceivedTime", "Task", "ProviderGuid", "Category",
		"RelatedActivityID", "message", "tags", "level", "type":
		return skip // NXLog's and Winlogbeat's own
	}
	return extra
}
