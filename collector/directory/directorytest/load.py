"""Load objects into a Samba directory that is not running.

Arguments: the path of smb.conf, the path of the objects (one JSON object a
line) and the name of the domain controller. Runs in Samba's own Python.
"""
import json
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

conf, path, host = sys.argv[1:]
lp = LoadParm()
lp.load(conf)
db = SamDB(url=lp.get("private dir") + "/sam.ldb", session_info=system_session(), lp=lp,
           flags=ldb.FLG_DONT_CREATE_DB | ldb.FLG_NOSYNC, options=["batch_mode:1"])
objects = [json.loads(line) for line in open(path, encoding="utf-8")]


def change(dn, attribute, values, how=ldb.FLAG_MOD_ADD):
    m = ldb.Message()
    m.dn = ldb.Dn(db, dn)
    m[attribute] = ldb.MessageElement(values, how, attribute)
    db.modify(m)


done = 0
db.transaction_start()


def step():
    global done
    done += 1
    if done % 5000 == 0:
        db.transaction_commit()
        db.transaction_start()


for o in objects:
    record = {"dn": o["dn"], "objectClass": o["class"]}
    record.update(o["attributes"])
    if o["password"]:
        record["unicodePwd"] = ('"%s"' % o["password"]).encode("utf-16-le")
    db.add(record)
    if o["must_change"]:
        change(o["dn"], "pwdLastSet", "0", ldb.FLAG_MOD_REPLACE)
    step()
for o in objects:
    if o["members"]:
        change(o["dn"], "member", o["members"])
        step()
for o in objects:
    if o["primary"]:
        # The directory wants the user in the group first, then takes it out.
        change(o["primary"], "member", [o["dn"]])
        sid = db.search(o["primary"], scope=ldb.SCOPE_BASE, attrs=["objectSid"])[0]["objectSid"][0]
        rid = int.from_bytes(sid[-4:], "little")
        change(o["dn"], "primaryGroupID", str(rid), ldb.FLAG_MOD_REPLACE)
        step()
# Without the DNS updates that a running domain makes, the service names that
# Kerberos asks for are not there.
dns = lp.get("realm").lower()
change("CN=%s,OU=Domain Controllers,%s" % (host, db.domain_dn()), "servicePrincipalName",
       ["ldap/%s.%s" % (host.lower(), dns), "ldap/%s.%s/%s" % (host.lower(), dns, dns), "ldap/" + host])
db.transaction_commit()
