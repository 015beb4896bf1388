# Writes one long sheet of N rows with the columns of splameter's sheet of
# persons, in openpyxl's write-only mode.
import sys
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

wb = Workbook(write_only=True)
s = wb.create_sheet("Persons")
s.append(["column %d" % i for i in range(17)])
for k in range(int(sys.argv[2])):
    dates = []
    for v in (46296, 46326):
        c = WriteOnlyCell(s, value=v)
        c.number_format = "yyyy-mm-dd"
        dates.append(c)
    s.append(["Appel & Peer B.V.", "Given Surname%06d" % k, "user%06d" % k, "Extern bureaublad (RDS SAL)", "ja", 1, None, None,
              "in pool shared, via RDS-Users > RDS-appel", dates[0], dates[1], "nee", "hosting", "directory/2026-10-01.ldif:812", None, None, "guid-user%06d" % k])
wb.save(sys.argv[1])
