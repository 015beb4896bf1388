// Writes N annexes of the same shape as annex.py, with libxlsxwriter.
#include <stdio.h>
#include <stdlib.h>
#include <xlsxwriter.h>

int main(int argc, char **argv) {
	if (argc != 3) return 2;
	const char *heads[] = {"Product", "Part number", "Last month", "Added", "Removed", "Now", "Price", "Amount"};
	const char *columns[] = {"Name", "Account", "Product", "Why", "First", "Last"};
	const double widths[] = {36, 14, 12, 10, 10, 10, 12, 14};
	for (int a = 0, n = atoi(argv[2]); a < n; a++) {
		char path[4096], t[128];
		snprintf(path, sizeof path, "%s/annex%04d.xlsx", argv[1], a);
		lxw_workbook *wb = workbook_new(path);
		lxw_format *title = workbook_add_format(wb), *bold = workbook_add_format(wb), *head = workbook_add_format(wb);
		lxw_format *text = workbook_add_format(wb), *num = workbook_add_format(wb), *money = workbook_add_format(wb), *date = workbook_add_format(wb);
		format_set_bold(title), format_set_font_size(title, 18), format_set_bold(bold), format_set_bold(head);
		format_set_font_color(head, LXW_COLOR_WHITE), format_set_bg_color(head, 0x1F3864);
		format_set_bottom(text, LXW_BORDER_THIN), format_set_bottom(num, LXW_BORDER_THIN), format_set_align(num, LXW_ALIGN_RIGHT);
		format_set_bottom(money, LXW_BORDER_THIN), format_set_num_format(money, "#,##0.00"), format_set_num_format(date, "yyyy-mm-dd");
		lxw_worksheet *c = workbook_add_worksheet(wb, "Cover");
		worksheet_write_string(c, 0, 0, "Annex 2026-10", title);
		for (int r = 0; r < 10; r++) {
			snprintf(t, sizeof t, "Label %d", r), worksheet_write_string(c, r + 2, 0, t, bold);
			snprintf(t, sizeof t, "Customer %04d value %d", a, r), worksheet_write_string(c, r + 2, 1, t, NULL);
		}
		lxw_worksheet *s = workbook_add_worksheet(wb, "Summary");
		for (int i = 0; i < 8; i++) {
			worksheet_write_string(s, 0, i, heads[i], head);
			worksheet_set_column(s, i, i, widths[i], NULL);
		}
		for (int p = 0; p < 15; p++) {
			int r = p + 1;
			snprintf(t, sizeof t, "Product number %d SAL", p), worksheet_write_string(s, r, 0, t, text);
			snprintf(t, sizeof t, "AAA-%05d", p), worksheet_write_string(s, r, 1, t, text);
			worksheet_write_number(s, r, 2, 99, num), worksheet_write_number(s, r, 3, p + 2, num), worksheet_write_number(s, r, 4, 1, num);
			snprintf(t, sizeof t, "=C%d+D%d-E%d", r + 1, r + 1, r + 1), worksheet_write_formula_num(s, r, 5, t, num, 100 + p);
			worksheet_write_number(s, r, 6, 4.19 + p, money);
			snprintf(t, sizeof t, "=F%d*G%d", r + 1, r + 1), worksheet_write_formula_num(s, r, 7, t, money, (100 + p) * (4.19 + p));
		}
		for (int i = 0; i < 4; i++)
			snprintf(t, sizeof t, "=SUM(%c2:%c16)", 'C' + i, 'C' + i), worksheet_write_formula(s, 16, 2 + i, t, bold);
		lxw_chart *ch = workbook_add_chart(wb, LXW_CHART_COLUMN);
		chart_add_series(ch, "=Summary!$A$2:$A$16", "=Summary!$C$2:$C$16"), chart_add_series(ch, "=Summary!$A$2:$A$16", "=Summary!$F$2:$F$16");
		worksheet_insert_chart(s, 19, 0, ch);
		lxw_worksheet *u = workbook_add_worksheet(wb, "Users");
		for (int i = 0; i < 6; i++) worksheet_write_string(u, 0, i, columns[i], head);
		for (int k = 0; k < 100; k++) {
			snprintf(t, sizeof t, "Given Surname%03d", k), worksheet_write_string(u, k + 1, 0, t, NULL);
			snprintf(t, sizeof t, "user%04d%03d", a, k), worksheet_write_string(u, k + 1, 1, t, NULL);
			snprintf(t, sizeof t, "Product number %d SAL", k % 15), worksheet_write_string(u, k + 1, 2, t, NULL);
			worksheet_write_string(u, k + 1, 3, "RDS-Users", NULL);
			worksheet_write_number(u, k + 1, 4, 46296, date), worksheet_write_number(u, k + 1, 5, 46326, date);
		}
		worksheet_autofilter(u, 0, 0, 100, 5), worksheet_freeze_panes(u, 1, 0);
		lxw_worksheet *both[] = {s, u};
		for (int i = 0; i < 2; i++) worksheet_set_paper(both[i], 9), worksheet_fit_to_pages(both[i], 1, 0), worksheet_repeat_rows(both[i], 0, 0);
		if (workbook_close(wb) != LXW_NO_ERROR) return 1;
	}
	return 0;
}
