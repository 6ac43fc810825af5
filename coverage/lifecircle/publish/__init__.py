"""A result printed: map, report, workbook, data, manifest."""
