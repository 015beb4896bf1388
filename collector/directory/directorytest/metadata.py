"""Print the stamps that a Samba directory keeps of links and attributes.

Arguments: the path of smb.conf. Runs in Samba's own Python, beside the running
server. One JSON object a line: the name, the links of member, and the stamps of
some attributes; times as 100 ns since 1601.
"""
import json
import re
import sys

import ldb
from samba.auth import system_session
from samba.dcerpc import drsblobs
from samba.ndr import ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

lp = LoadParm()
lp.load(sys.argv[1])
db = SamDB(url=lp.get("private dir") + "/sam.ldb", session_info=system_session(), lp=lp, flags=ldb.FLG_DONT_CREATE_DB)
NAMES = {0x90008: "userAccountControl", 0x9009F: "accountExpires", 0x90062: "primaryGroupID", 0x20030: "isDeleted"}
controls = ["extended_dn:1:1", "show_deleted:1", "show_recycled:1", "show_deactivated_link:0", "reveal_internals:0"]
part = re.compile(r"^<([A-Z_]+)=([^>]*)>;")
for e in db.search(expression="(|(objectClass=user)(objectClass=group))", base=db.domain_dn(), attrs=["member", "replPropertyMetaData"], controls=controls):
    links, stamps = [], []
    for v in e.get("member", []):
        rest, parts = str(v), {}
        while True:
            m = part.match(rest)
            if not m:
                break
            parts[m.group(1)] = m.group(2)
            rest = rest[m.end():]
        links.append({"dn": rest, "created": int(parts["RMD_ADDTIME"]), "changed": int(parts["RMD_CHANGETIME"]), "version": int(parts["RMD_VERSION"]),
                      "gone": int(parts["RMD_FLAGS"]) & 1 == 1, "origin": parts["RMD_INVOCID"]})
    for blob in e.get("replPropertyMetaData", []):
        for a in ndr_unpack(drsblobs.replPropertyMetaDataBlob, blob).ctr.array:
            if a.attid in NAMES:
                stamps.append({"name": NAMES[a.attid], "version": a.version, "changed": a.originating_change_time, "origin": str(a.originating_invocation_id)})
    print(json.dumps({"dn": str(e.dn.get_linearized() if hasattr(e.dn, "get_linearized") else e.dn), "links": links, "stamps": stamps}))
