#include "report/html.h"
#include "report/markup.h"
#include "report/words.h"

/* Links of PCI Express as they were when they were told of last. */
void html_links(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Port", "Device", "What it is", "Speed and width",
                                           "In the run"};
    static const char *const changes[LINK_CHANGES] = {"no change", "became slower or narrower",
                                                      "was lost", "had changed, and came back"};
    struct table table;

    if (model->link_rows.kept == 0)
        return;
    writer_text(writer, "<h2>Links of PCI Express</h2>\n");
    table_begin(&table, writer, headings, 5);
    for (size_t i = 0; i < model->link_rows.kept; i++) {
        const struct event *event = &model->links[i];
        const struct event_pcie_link *link = &event->pcie_link;
        const char *change = link->change < LINK_CHANGES ? changes[link->change] : "";
        char cell[WORDS_SIZE];

        table_cell(&table, "%s", link->port);
        table_cell(&table, "%s", link->device);
        table_cell(&table, "%s", link->name);
        table_cell(&table, "%s", link->text);
        if (link->change == LINK_AT_START)
            table_cell(&table, "%s", change);
        else
            table_cell(&table, "%s, %s", change, words_clock(cell, event->time_us));
    }
    table_end(&table, model->link_rows);
}
