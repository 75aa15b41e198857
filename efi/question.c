#include "efi/question.h"

#include "base/last_words.h"
#include "base/text.h"

enum { SENTENCE_SIZE = 3 * TEXT_SIZE };

void question_show(const struct desk *desk, const struct event_prior_run *run)
{
    char sentence[SENTENCE_SIZE];
    struct text text = text_in(sentence, sizeof(sentence));

    text_prior_run(&text, run);
    sentence[0] = 'R';
    text_char(&text, '.');
    lines_format(desk->lines, "%s", "");
    lines_wrapped(desk->lines, "! ", sentence);
}

static enum prior_answer answer_of(char key)
{
    switch (key) {
    case '1':
        return ANSWER_BY_ITSELF;
    case '2':
        return ANSWER_HUNG;
    case '3':
        return ANSWER_SWITCHED_OFF;
    default:
        return ANSWER_NONE;
    }
}

enum prior_answer question_ask(const struct desk *desk, const struct event_prior_run *run)
{
    static const char *const said[ANSWERS] = {
        [ANSWER_NONE] = "Not known.",
        [ANSWER_BY_ITSELF] = "By itself.",
        [ANSWER_HUNG] = "It hung.",
        [ANSWER_SWITCHED_OFF] = "Switched off: no finding is made of it.",
    };
    enum prior_answer answer;

    desk_forget_keys(desk);
    lines_format(desk->lines,
                 "  How did run %u end? The machine did it by itself (1), it hung (2),",
                 (unsigned)run->number);
    lines_format(desk->lines,
                 "  you switched it off (3), not known (any other key, or none for %u s)",
                 QUESTION_S);
    answer = answer_of(desk_wait_key(desk, (uint64_t)QUESTION_S * 1000000));
    lines_format(desk->lines, "  %s", said[answer]);
    return answer;
}
