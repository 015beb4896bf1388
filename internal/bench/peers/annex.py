# Writes N annexes of the shape that splameter's have: a cover, a summary of 15
# lines with formulas and a chart, and a list of 100 users.
import sys
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

folder, n = sys.argv[1], int(sys.argv[2])
title, bold, head = Font(name="Calibri", size=18, bold=True), Font(name="Calibri", bold=True), Font(name="Calibri", bold=True, color="FFFFFF")
fill, thin = PatternFill("solid", fgColor="1F3864"), Border(bottom=Side(style="thin", color="BFBFBF"))
right = Alignment(horizontal="right")
for a in range(n):
    wb = Workbook()
    c = wb.active
    c.title = "Cover"
    c["A1"], c["A1"].font = "Annex 2026-10", title
    for r in range(10):
        c.cell(row=r + 3, column=1, value="Label %d" % r).font = bold
        c.cell(row=r + 3, column=2, value="Customer %04d value %d" % (a, r))
    s = wb.create_sheet("Summary")
    for i, h in enumerate(("Product", "Part number", "Last month", "Added", "Removed", "Now", "Price", "Amount"), 1):
        x = s.cell(row=1, column=i, value=h)
        x.font, x.fill = head, fill
    for p in range(15):
        r = p + 2
        for i, v in enumerate(("Product number %d SAL" % p, "AAA-%05d" % p, 99, p + 2, 1, "=C%d+D%d-E%d" % (r, r, r), 4.19 + p, "=F%d*G%d" % (r, r)), 1):
            x = s.cell(row=r, column=i, value=v)
            x.border = thin
            if i > 2:
                x.alignment = right
            if i > 6:
                x.number_format = "#,##0.00"
    for i, col in enumerate("CDEF"):
        s.cell(row=17, column=3 + i, value="=SUM(%s2:%s16)" % (col, col)).font = bold
    chart = BarChart()
    chart.add_data(Reference(s, min_col=3, min_row=1, max_row=16), titles_from_data=True)
    chart.add_data(Reference(s, min_col=6, min_row=1, max_row=16), titles_from_data=True)
    chart.set_categories(Reference(s, min_col=1, min_row=2, max_row=16))
    s.add_chart(chart, "A20")
    for col, w in zip("ABCDEFGH", (36, 14, 12, 10, 10, 10, 12, 14)):
        s.column_dimensions[col].width = w
    u = wb.create_sheet("Users")
    for i, h in enumerate(("Name", "Account", "Product", "Why", "First", "Last"), 1):
        x = u.cell(row=1, column=i, value=h)
        x.font, x.fill = head, fill
    for k in range(100):
        for i, v in enumerate(("Given Surname%03d" % k, "user%04d%03d" % (a, k), "Product number %d SAL" % (k % 15), "RDS-Users", 46296, 46326), 1):
            x = u.cell(row=k + 2, column=i, value=v)
            if i > 4:
                x.number_format = "yyyy-mm-dd"
    u.auto_filter.ref, u.freeze_panes = "A1:F101", "A2"
    for w in (s, u):
        w.page_setup.orientation, w.page_setup.paperSize, w.page_setup.fitToWidth, w.page_setup.fitToHeight = "portrait", 9, 1, 0
        w.sheet_properties.pageSetUpPr.fitToPage = True
        w.print_title_rows = "1:1"
    wb.save("%s/annex%04d.xlsx" % (folder, a))
