#include "efi/question.h"

#include "base/last_words.h"
#include "base/text.h"

enum { POLL_US = 20000, SENTENCE_SIZE = 3 * TEXT_SIZE };

void question_show(const struct question *question, const struct event_prior_run *run)
{
    char sentence[SENTENCE_SIZE];
    struct text text = text_in(sentence, sizeof(sentence));

    text_prior_run(&text, run);
    sentence[0] = 'R';
    text_char(&text, '.');
    lines_format(question->lines, "%s", "");
    lines_wrapped(question->lines, "! ", sentence);
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

static char wait_key(const struct question *question)
{
    uint64_t end_us = clock_now_us(question->clock) + (uint64_t)QUESTION_S * 1000000;
    char key = 0;

    while (!key && clock_now_us(question->clock) < end_us) {
        clock_wait_us(question->clock, POLL_US);
        key = question->key();
    }
    return key;
}

enum prior_answer question_ask(const struct question *question, const struct event_prior_run *run)
{
    static const char *const said[ANSWERS] = {
        [ANSWER_NONE] = "Not known.",
        [ANSWER_BY_ITSELF] = "By itself.",
        [ANSWER_HUNG] = "It hung.",
        [ANSWER_SWITCHED_OFF] = "Switched off: no finding is made of it.",
    };
    enum prior_answer answer;

    for (unsigned i = 0; i < QUESTION_KEYS_MAX && question->key(); i++)
        continue;
    lines_format(question->lines,
                 "  How did run %u end? The machine did it by itself (1), it hung (2),",
                 (unsigned)run->number);
    lines_format(question->lines,
                 "  you switched it off (3), not known (any other key, or none for %u s)",
                 QUESTION_S);
    answer = answer_of(wait_key(question));
    lines_format(question->lines, "  %s", said[answer]);
    return answer;
}
