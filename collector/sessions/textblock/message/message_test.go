package message

import (
	"strings"
	"testing"

	"splameter/collector/sessions/record"
)

func TestFields(t *testing.T) {
	const l, r = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational"
	for _, tt := range []struct {
		channel string
		id      uint32
		text    string
		want    string // empty: not readable
	}{
		{l, 21, "Remote Desktop Services: Session logon succeeded:\r\n\r\nUser: THESHIRE\\pgustavo\r\nSession ID: 2\r\nSource Network Address: 1.2.3.4", `User=THESHIRE\pgustavo SessionID=2 Address=1.2.3.4`},
		{l, 25, "T:\n\nUser: A\\b\nSession ID: 2\nSource Network Address: fe80::1%10", `User=A\b SessionID=2 Address=fe80::1%10`},
		{l, 24, "リモート デスクトップ サービス: セッションが切断されました:\r\n\r\nユーザー: A\\b\r\nセッション ID: 1\r\nソース ネットワーク アドレス: ローカル", `User=A\b SessionID=1 Address=ローカル`},
		{l, 22, "T\n\n用户：A\\b\n会话 ID：12\n源网络地址：10.0.0.1", `User=A\b SessionID=12 Address=10.0.0.1`},
		{l, 24, "T:\n\nUtilisateur : A\\b\nID de session : 3\nAdresse réseau source : ", `User=A\b SessionID=3 Address=`},
		{strings.ToLower(l), 23, "T:\n\nUser: A\\b\nSession ID: 2", `User=A\b SessionID=2`},
		{l, 40, "Session 2 has been disconnected, reason code 5", "Session=2 Reason=5"},
		{l, 39, "Session 6 has been disconnected by session 8", "TargetSession=6 Source=8"},
		{l, 39, "セッション 8 によってセッション 6 が切断されました", ""},
		{l, 21, "T:\n\nUser: A\\b\nSession ID: two\nAddress: x", ""},
		{l, 21, "T:\n\nUser: A\\b\nSession ID: 2", ""},
		{l, 21, "", ""},
		{l, 32, "Plugin RDSAppXPlugin has been successfully initialized", ""},
		{r, 1149, "Remote Desktop Services: User authentication succeeded:\r\n\r\nUser: pgustavo\r\nDomain: theshire\r\nSource Network Address: 1.2.3.4", "Param1=pgustavo Param2=theshire Param3=1.2.3.4"},
		{r, 1149, "T:\n\nUser: x\nDomain: \nSource Network Address: 1.2.3.4", "Param1=x Param2= Param3=1.2.3.4"},
	} {
		fields, ok := Fields(nil, []byte(tt.channel), tt.id, []byte(tt.text))
		var got []string
		for _, f := range fields {
			got = append(got, string(f.Name)+"="+string(f.Value))
		}
		if s := strings.Join(got, " "); s != tt.want || ok != (tt.want != "") {
			t.Errorf("%d %q: got %q, %v; want %q", tt.id, tt.text, s, ok, tt.want)
		}
	}
}

func FuzzFields(f *testing.F) {
	f.Add(uint32(21), []byte("T:\n\nUser: A\\b\nSession ID: 2\nAddress: x"))
	f.Add(uint32(40), []byte("Session 2 has been disconnected, reason code 5"))
	f.Fuzz(func(t *testing.T, id uint32, text []byte) {
		fields, ok := Fields(nil, []byte("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"), id, text)
		if ok != (len(fields) > 0) {
			t.Error("ok without fields, or fields without ok")
		}
		r := record.Record{Fields: fields}
		if v := r.Value("SessionID"); v != nil && !isNumber(v) {
			t.Errorf("session %q is no number", v)
		}
	})
}
