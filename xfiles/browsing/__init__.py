"""What the pages of browse/ ask and count: no Datasette, no Scrapy, no SQL but SQLite's."""
