/* Writes a search as JSON: what it went through, what it chose, and how often it chose what anew. */
#include <math.h>

#include "core/memory.h"
#include "core/text.h"
#include "fit/select/json_parts.h"
#include "fit/select/search.h"

char *jf_search_words(const jf_search_space *space, uint64_t terms)
{
    jf_text text = {0};

    for (size_t t = 0; t < space->n_terms; t++)
        if (terms >> t & 1) jf_text_addf(&text, "%s%s", text.length ? " + " : "", space->terms[t].text);
    if (!terms) jf_text_add(&text, "1");
    return jf_text_take(&text);
}

static json_t *words(const jf_search *search, uint64_t terms)
{
    char *text = jf_search_words(search->space, terms);
    json_t *json = text ? json_string(text) : NULL;

    jf_free(text);
    return json;
}

static json_t *terms_json(const jf_search *search)
{
    json_t *array = json_array();
    bool ok = array;

    for (size_t t = 0; ok && t < search->space->n_terms; t++) {
        const jf_search_term *term = &search->space->terms[t];
        json_t *one = json_object();
        ok = put(one, "term", json_string(term->text)) && put(one, "parameters", count(term->n)) &&
             put(one, "in_law", json_boolean(search->chosen.terms >> t & 1)) &&
             put(one, "chosen", number(term->share));
        ok = append(array, whole(one, ok)) && ok;
    }
    return whole(array, ok);
}

static json_t *top_json(const jf_search *search)
{
    json_t *array = json_array();
    bool ok = array;

    for (size_t i = 0; ok && i < search->n_top; i++) {
        const jf_search_result *law = &search->top[i];
        json_t *one = json_object();
        ok = put(one, "terms", words(search, law->terms)) && put(one, "parameters", count(law->k)) &&
             put(one, "score", number(law->score)) &&
             put(one, "chosen", json_boolean(law->terms == search->chosen.terms));
        ok = append(array, whole(one, ok)) && ok;
    }
    return whole(array, ok);
}

static json_t *split_json(const jf_search *search, const jf_split *split, const jf_search_result *law)
{
    json_t *object = json_object();
    bool ok = put(object, "split", json_string(split->name)) &&
              put(object, "terms", isnan(law->score) ? json_null() : words(search, law->terms)) &&
              put(object, "score", number(law->score));

    return whole(object, ok);
}

/* What became of the search on a plan's splits; its own scores stand in the candidate's validation. */
static json_t *outer_json(const jf_comparison *c, size_t plan)
{
    const jf_search_outer *outer = &c->search->outer[plan];
    const jf_validation *v = &c->candidates[c->search->candidate].validations[plan];
    json_t *object = json_object(), *splits = json_array();
    size_t redone = 0;
    double score = v->over.median.rmse;
    bool ok = object && splits;

    for (size_t i = 0; ok && i < outer->n; i++) {
        ok = append(splits, split_json(c->search, &c->plans[plan]->splits[i], &outer->splits[i]));
        redone += !isnan(outer->splits[i].score);
    }
    ok = put(object, "splits", splits) && ok;
    ok = ok && put(object, "plan", json_string(c->plans[plan]->text)) &&
         put(object, "redone", count(redone)) &&
         put(object, "score", number(redone ? isnan(score) ? v->pooled.rmse : score : NAN));
    return whole(object, ok);
}

json_t *jf_search_to_json(const jf_comparison *c)
{
    const jf_search *search = c->search;
    json_t *object = json_object(), *outer = json_array();
    bool ok = object && outer;

    for (size_t p = 0; ok && p < search->n_outer; p++) ok = append(outer, outer_json(c, p));
    ok = put(object, "redone_in", outer) && ok;
    ok = ok && put(object, "law", json_string(c->candidates[search->candidate].law->name)) &&
         put(object, "formula", json_string(c->candidates[search->candidate].law->text)) &&
         put(object, "response", json_string(search->space->response)) &&
         put(object, "plan", json_string(search->plan)) &&
         put(object, "interactions", count(search->space->order)) &&
         put(object, "exhaustive", json_boolean(search->exhaustive)) &&
         put(object, "laws", count(search->n_laws)) && put(object, "parameters", count(search->chosen.k)) &&
         put(object, "score", number(search->chosen.score)) &&
         put(object, "searches", count(search->n_redone)) && put(object, "terms", terms_json(search)) &&
         put(object, "top", top_json(search));
    return whole(object, ok);
}
