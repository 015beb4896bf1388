"""Writes what a provider would export: directory, event logs, inventories."""
import base64, csv, datetime as dt, gzip, io, json, os, struct, sys
from xml.sax.saxutils import escape

from tables import table
from world import BASE, DAY, LOCAL, UTC

CHANNEL = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"
PROVIDER = CHANNEL.split("/")[0]
SID = struct.pack("<BB6sIIII", 1, 5, b"\0\0\0\0\0\5", 21, 1003811036, 1177435524, 681913219 & 0xffffffff)


def rdn(text):
    out = "".join("\\" + c if c in ',+"\\<>;=' else c for c in text)
    return "\\" + out if out[:1] in ("#", " ") else out


def dn_of(x, group=False):
    cn = x.name if group else x.cn
    return f"CN={rdn(cn)}," + "".join(f"OU={rdn(o)}," for o in x.ou) + BASE


def line(name, value):
    if isinstance(value, bytes):
        text = f"{name}:: {base64.b64encode(value).decode()}"
    elif not value.isascii() or value[:1] in (" ", ":", "<") or value[-1:] == " ":
        text = f"{name}:: {base64.b64encode(value.encode()).decode()}"
    else:
        text = f"{name}: {value}"
    return "\n ".join([text[:76]] + [text[i:i + 75] for i in range(76, len(text), 75)])


def filetime(when):
    d = when - dt.datetime(1601, 1, 1, tzinfo=UTC)
    return str((d.days * 86400 + d.seconds) * 10_000_000 + d.microseconds * 10)


def ldif(snap, r):
    entries = [["version: 1"]]
    entries.append([line("dn", BASE), "objectClass: top", "objectClass: domain", "objectClass: domainDNS", line("objectSid", SID.replace(b"\1\5", b"\1\4", 1)),
                    "dc: hosting", "nETBIOSName: HOSTING"])
    ous, objects = set(), list(snap.accounts.values()) + list(snap.groups.values())
    for x in objects:
        for n in range(len(x.ou)):
            ous.add(x.ou[n:])
    for ou in sorted(ous, key=lambda o: (len(o), o)):
        entries.append([line("dn", "".join(f"OU={rdn(o)}," for o in ou) + BASE), "objectClass: top", "objectClass: organizationalUnit", line("ou", ou[0])])
    sid = lambda x: line("objectSid", SID + struct.pack("<I", x.rid))
    rows = []
    for g in snap.groups.values():
        e = [line("dn", dn_of(g, True)), "objectClass: top", "objectClass: group", line("cn", g.name), line("sAMAccountName", g.name),
             line("objectGUID", g.guid.bytes_le), sid(g), "groupType: -2147483646"]
        for m in sorted(g.members, key=str):
            if m in snap.groups:
                e.append(line("member", dn_of(snap.groups[m], True)))
            elif m in snap.accounts:
                e.append(line("member", dn_of(snap.accounts[m])))
        if r.random() < .1:
            e.append(line("member", "CN=S-1-5-21-1-2-3-4,CN=ForeignSecurityPrincipals," + BASE))
        rows.append(e)
    for a in snap.accounts.values():
        e = [line("dn", dn_of(a)), "objectClass: top", "objectClass: person", "objectClass: organizationalPerson", "objectClass: user"]
        e += ["objectClass: computer"] * a.computer
        e += [line("cn", a.cn), line("displayName", a.cn), line("sAMAccountName", a.sam)]
        e += [] if a.computer else [line("userPrincipalName", a.upn), line("mail", a.upn)]
        e += [line("employeeID", a.empid)] if a.empid else []
        never = ["0", "9223372036854775807"][a.rid % 2]
        e += [line("objectGUID", a.guid.bytes_le), sid(a), f"primaryGroupID: {a.primary}", f"userAccountControl: {a.flags | (0 if a.enabled else 2)}",
              f"accountExpires: {filetime(a.expires) if a.expires else never}", "whenCreated: 20250101080000.0Z"]
        rows.append(e)
    if r.random() < .3:
        r.shuffle(rows)
    return "".join("\n".join(e) + "\n\n" for e in entries + rows)


# --- event logs: an event is [instant, id, user, session id, address, record number, session] ---

def stamp(t, digits=7):
    t = t.astimezone(UTC)
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + f"{t.microsecond // 1000:03}" + "0" * (digits - 3) + "Z"


def data_of(e):
    t, eid, user, sid, addr = e[:5]
    if eid == 54:
        return {}
    if eid == 39:
        return {"TargetSession": str(sid), "Source": "1"}
    if eid == 40:
        return {"Session": str(sid), "Reason": addr}
    d = {"User": user, "SessionID": str(sid)}
    if eid in (21, 22, 24, 25):
        d["Address"] = addr
    return d


def xml(host, events, suffix):
    out = []
    for e in events:
        inner = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in data_of(e).items())
        out.append(f"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{PROVIDER}' "
                   f"Guid='{{5d896912-022d-40aa-a3a8-4fa5515c76d7}}'/><EventID>{e[1]}</EventID><Version>0</Version><Level>4</Level><Task>0</Task>"
                   f"<Opcode>0</Opcode><Keywords>0x1000000000000000</Keywords><TimeCreated SystemTime='{stamp(e[0])}'/><EventRecordID>{e[5]}</EventRecordID>"
                   f"<Correlation/><Execution ProcessID='1044' ThreadID='4712'/><Channel>{CHANNEL}</Channel><Computer>{host}{suffix}</Computer>"
                   f"<Security UserID='S-1-5-18'/></System><UserData><EventXML xmlns='Event_NS'>{inner}</EventXML></UserData></Event>\n")
    return "".join(out)


def csv_text(host, events, suffix, r):
    columns = ["TimeCreated", "Computer", "Channel", "EventID", "User", "SessionID", "Address", "EventRecordID"]
    if r.random() < .5:
        r.shuffle(columns)
    out = io.StringIO()
    w = csv.DictWriter(out, columns, quoting=csv.QUOTE_ALL, lineterminator=r.choice(["\n", "\r\n"]))
    w.writeheader()
    for e in events:
        d = data_of(e)
        w.writerow({"TimeCreated": stamp(e[0]), "Computer": host + suffix, "Channel": CHANNEL, "EventID": e[1], "User": d.get("User", ""),
                    "SessionID": e[3], "Address": d.get("Address", ""), "EventRecordID": e[5]})
    return out.getvalue()


def ndjson(host, events, suffix):
    out = []
    for e in events:
        out.append(json.dumps({"@timestamp": stamp(e[0], 3), "event": {"kind": "event", "code": str(e[1]), "provider": PROVIDER},
                               "host": {"name": host + suffix}, "winlog": {"api": "wineventlog", "channel": CHANNEL, "provider_name": PROVIDER,
                               "event_id": str(e[1]), "computer_name": host + suffix, "record_id": e[5] if e[5] % 2 else str(e[5]),
                               "user_data": {"xml_name": "EventXML", **data_of(e)}}}, ensure_ascii=e[5] % 3 == 0) + "\n")
    return "".join(out)


def save(path, data, packed=False):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = data.encode() if isinstance(data, str) else data
    if packed:
        path, data = path + ".gz", gzip.compress(data, mtime=0)
    with open(path, "wb") as f:
        f.write(data)


def event_file(base, kind, host, events, r, evtx):
    suffix = r.choice([".hosting.example"] * 3 + ["", ".HOSTING.example"])
    if kind == "evtx" and evtx and all(e[1] not in (39, 54) for e in events):
        os.makedirs(os.path.dirname(base), exist_ok=True)
        evtx.write(base + ".evtx", [(e[0].astimezone(UTC).replace(tzinfo=None), host, e[1], e[2], e[3], e[4], e[5]) for e in events], computer_suffix=suffix)
        return
    name = host if r.random() < .8 else host.lower()
    packed = r.random() < .25
    if kind == "csv":
        save(base + ".csv", ("\ufeff" if r.random() < .5 else "") + csv_text(name, events, suffix, r), packed)
    elif kind == "ndjson":
        save(base + ".ndjson", ndjson(name, events, suffix), packed)
    elif kind == "xml16":
        save(base + ".xml", xml(name, events, suffix).encode("utf-16"), packed)
    else:
        save(base + ".xml", xml(name, events, suffix), packed)


def whole(ev, at):
    """The place where a file may begin: a late 24 goes with its 23, since alone it looks like an earlier session's."""
    while at and any(e[1] == 24 and any(x[1] == 23 and x[6] is e[6] for x in ev[:at]) for e in ev[at:at + 99]):
        at -= 1
    return at


def write(folder, world, estate, tools):
    r, evtx = world.r, None
    if tools and os.path.exists(os.path.join(tools, "evtxwrite.py")):
        sys.dont_write_bytecode = True
        sys.path.insert(0, tools)
        import evtxwrite as evtx
    for s in world.snaps:
        if s.date in world.read_on:
            text = ldif(s, r)
            save(f"{folder}/directory/{s.date}.ldif", text.replace("\n", "\r\n") if r.random() < .2 else text)
    for h in estate.hosts:
        ev = estate.log[h]
        if not ev:
            continue
        n = r.choice([1, 1, 2, 3])
        if estate.format[h] == "evtx" and any(e[4] in LOCAL[1:] for e in ev):
            n = 1                                      # the writer gives such consoles a remote connection's ActivityID
        size = len(ev) // n + 1
        for k in range(n):
            part = ev[whole(ev, max(0, k * size - r.choice([0, 0, 3]))):(k + 1) * size]
            if part:
                event_file(f"{folder}/events/{h}" + (f"-{k + 1}" if n > 1 else ""), estate.format[h] if n == 1 or r.random() < .7 else "ndjson", h, part, r, evtx)
        if r.random() < .2:                            # what a collector forwarded, once more
            at = whole(ev, r.randrange(len(ev)))
            event_file(f"{folder}/events/forwarded-{h}", r.choice(["csv", "ndjson", "xml"]), h, ev[at:], r, None)
    columns = "host,kind,processors,cores_per_processor,virtual_cores,parent,operating_system,sql_edition,tenant,id,cluster,windows_licence,sql_licence,until".split(",")
    for date, soft, rows in estate.readings:
        os.makedirs(f"{folder}/inventory", exist_ok=True)
        table(f"{folder}/inventory/software-{date}.csv", ["host", "name", "version", "publisher"],
              [[h, n, "16.0.1", "Microsoft Corporation" if "Microsoft" in n else ""] for h, names in sorted(soft.items()) for n in names])
        table(f"{folder}/inventory/hosts-{date}.csv", columns, [[row[c] for c in columns] for row in rows])
    exported = int(world.instant(world.last + 2 * DAY).timestamp())       # when the logs were exported: their files' own time
    for name in os.listdir(f"{folder}/events"):
        os.utime(f"{folder}/events/{name}", (exported, exported))
