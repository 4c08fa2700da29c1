/* Scheduling a graph into instructions over registers, with registers reused as soon as they are free. */
#include "core/expr/program.h"

#include <string.h>
#include "core/memory.h"

typedef enum place { NOWHERE, SCALAR, COLUMN, REGISTER, FUSED } place;

typedef struct scheduler {
    const jf_dag *dag;
    jf_program *program;
    bool of_data;
    size_t n_sources;      /* of_data */
    jf_columns_used *used; /* not of_data */
    place *places;         /* by node */
    uint32_t *index;       /* scalar, column or register of a node */
    jf_ref *last_use;      /* the node that needs it last; dag->n for results */
    int *n_uses;
    jf_ref *fused; /* the product that a sum, difference or negative takes in, or JF_NONE */
    uint32_t *free_registers;
    size_t n_free, free_capacity;
    bool failed;
} scheduler;

void jf_program_free(jf_program *program)
{
    jf_free(program->code);
    jf_free(program->scalars);
    jf_free(program->fills);
    jf_free(program->results);
    jf_free(program->columns);
    *program = (jf_program){0};
}

static place place_of(const scheduler *s, const jf_node *node)
{
    if (s->of_data) {
        if (node->op == JF_OP_CONSTANT || node->op == JF_OP_LEARNED) return SCALAR;
        return node->op == JF_OP_SOURCE || node->op == JF_OP_LEVELS_BAD ? COLUMN : REGISTER;
    }
    if (!(node->by & JF_BY_ROW)) return SCALAR;
    return node->by == JF_BY_ROW ? COLUMN : REGISTER;
}

/* Which nodes take part, and how often each is used. Columns and scalars of data need nothing below them. */
static void survey(scheduler *s, const jf_ref *roots, size_t n_roots)
{
    for (size_t r = 0; r < n_roots; r++) {
        if (roots[r] < 0) continue;
        s->places[roots[r]] = place_of(s, &s->dag->nodes[roots[r]]);
        s->last_use[roots[r]] = (jf_ref)s->dag->n;
        s->n_uses[roots[r]] = 2; /* never fused */
    }
    for (size_t i = s->dag->n; i-- > 0;) {
        const jf_node *node = &s->dag->nodes[i];
        if (s->places[i] == NOWHERE || s->places[i] == COLUMN) continue;
        for (int k = 0; k < 3; k++) {
            jf_ref arg = node->args[k];
            if (arg < 0 || (s->of_data && s->places[i] == SCALAR)) continue;
            if (s->places[arg] == NOWHERE) s->places[arg] = place_of(s, &s->dag->nodes[arg]);
            s->n_uses[arg]++;
        }
    }
}

/* A product by rows: kernels that take in a product want one of its factors by rows. */
static bool is_product(const scheduler *s, jf_ref i)
{
    const jf_node *node = &s->dag->nodes[i];

    return node->op == JF_OP_MUL &&
           (s->places[node->args[0]] != SCALAR || s->places[node->args[1]] != SCALAR);
}

/* A product that only this sum, difference or negative uses goes into it. */
static void choose_fusions(scheduler *s)
{
    for (size_t i = 0; i < s->dag->n; i++) {
        const jf_node *node = &s->dag->nodes[i];
        s->fused[i] = JF_NONE;
        if (s->places[i] != REGISTER) continue;
        if (node->op != JF_OP_ADD && node->op != JF_OP_SUB && node->op != JF_OP_NEG) continue;
        for (int k = 0; k < 2 && s->fused[i] == JF_NONE; k++) {
            jf_ref arg = node->args[k];
            if (arg < 0 || s->places[arg] != REGISTER || s->n_uses[arg] != 1) continue;
            if (is_product(s, arg)) s->fused[i] = arg;
        }
        if (s->fused[i] != JF_NONE) s->places[s->fused[i]] = FUSED;
    }
}

/* The operation and arguments of a node, with the product that it takes in. */
static jf_node fused_node(const scheduler *s, jf_ref i)
{
    jf_node node = s->dag->nodes[i];
    const jf_node *product;
    bool second;

    if (s->fused[i] == JF_NONE) return node;
    product = &s->dag->nodes[s->fused[i]];
    second = node.args[1] == s->fused[i];
    node.args[2] = node.op == JF_OP_NEG ? JF_NONE : node.args[!second];
    node.args[0] = product->args[0];
    node.args[1] = product->args[1];
    if (s->places[node.args[1]] == SCALAR) { /* a scalar factor stands first */
        node.args[0] = product->args[1];
        node.args[1] = product->args[0];
    }
    node.op = node.op == JF_OP_NEG   ? JF_OP_NEGMUL
              : node.op == JF_OP_ADD ? JF_OP_MULADD
              : second               ? JF_OP_SUBMUL
                                     : JF_OP_MULSUB;
    return node;
}

static void find_last_uses(scheduler *s)
{
    for (size_t i = 0; i < s->dag->n; i++) {
        jf_node node;
        if (s->places[i] != REGISTER) continue;
        node = fused_node(s, (jf_ref)i);
        for (int k = 0; k < 3; k++)
            if (node.args[k] >= 0 && s->last_use[node.args[k]] < (jf_ref)i)
                s->last_use[node.args[k]] = (jf_ref)i;
    }
}

static uint32_t take_register(scheduler *s)
{
    if (s->n_free) return s->free_registers[--s->n_free];
    return (uint32_t)s->program->n_registers++;
}

static void give_register(scheduler *s, uint32_t index)
{
    if (!jf_grow((void **)&s->free_registers, &s->free_capacity, s->n_free + 1, sizeof *s->free_registers))
        s->failed = true;
    else
        s->free_registers[s->n_free++] = index;
}

static void add_scalar(scheduler *s, jf_ref i)
{
    const jf_node *node = &s->dag->nodes[i];
    jf_program *p = s->program;
    jf_scalar_step step = {
        .op = node->op, .number = node->number, .index = node->index, .args = {-1, -1, -1}};

    for (int k = 0; k < jf_op_n_args(node->op); k++) step.args[k] = (int)s->index[node->args[k]];
    if (!jf_grow((void **)&p->scalars, &p->scalars_capacity, p->n_scalars + 1, sizeof step)) {
        s->failed = true;
        return;
    }
    s->index[i] = (uint32_t)p->n_scalars;
    p->scalars[p->n_scalars++] = step;
}

static void note_column(scheduler *s, uint32_t column)
{
    jf_program *p = s->program;

    if (!jf_grow((void **)&p->columns, &p->columns_capacity, p->n_columns + 1, sizeof *p->columns))
        s->failed = true;
    else
        p->columns[p->n_columns++] = column;
}

static void add_column(scheduler *s, jf_ref i)
{
    const jf_node *node = &s->dag->nodes[i];
    jf_columns_used *used = s->used;

    if (s->of_data) {
        s->index[i] = (uint32_t)node->index + (node->op == JF_OP_LEVELS_BAD ? (uint32_t)s->n_sources : 0);
        return;
    }
    if (used->of_node[i] < 0) {
        if (!jf_grow((void **)&used->nodes, &used->capacity, used->n + 1, sizeof *used->nodes)) {
            s->failed = true;
            return;
        }
        used->nodes[used->n] = i;
        used->of_node[i] = (int)used->n++;
    }
    s->index[i] = (uint32_t)used->of_node[i];
    note_column(s, s->index[i]);
}

static void emit(scheduler *s, jf_instruction instruction)
{
    jf_program *p = s->program;

    if (!jf_grow((void **)&p->code, &p->code_capacity, p->n_code + 1, sizeof instruction))
        s->failed = true;
    else
        p->code[p->n_code++] = instruction;
}

static jf_operand operand(const scheduler *s, jf_ref i)
{
    static const jf_space spaces[] = {
        [SCALAR] = JF_IN_SCALAR, [COLUMN] = JF_IN_COLUMN, [REGISTER] = JF_IN_REGISTER};
    return (jf_operand){spaces[s->places[i]], s->index[i]};
}

/* Kernels want the condition of IF, and at least one argument of the others, by rows: spread a scalar. Gives
 * the register to hand back afterwards, or -1. */
static int spread(scheduler *s, jf_instruction *instruction)
{
    int n_args = jf_op_n_args(instruction->op), n_scalars = 0;
    bool choice = instruction->op == JF_OP_IF;
    uint32_t to;

    for (int k = 0; k < n_args; k++) n_scalars += instruction->args[k].space == JF_IN_SCALAR;
    if (instruction->args[0].space != JF_IN_SCALAR || (!choice && n_scalars < n_args)) return -1;
    to = take_register(s);
    emit(s, (jf_instruction){.op = JF_OP_FILL, .out = to, .args = {instruction->args[0]}});
    instruction->args[0] = (jf_operand){JF_IN_REGISTER, to};
    return (int)to;
}

/* Which arguments have scalar forms of the kernel: see kernels.h. */
static uint32_t scalars_of(const jf_instruction *instruction)
{
    int n_args = jf_op_n_args(instruction->op), first = instruction->op == JF_OP_IF,
        second = n_args == 3 ? 2 : 1;
    uint32_t scalars = 0;

    if (n_args >= 1 && instruction->args[first].space == JF_IN_SCALAR) scalars |= JF_FIRST_SCALAR;
    if (n_args >= 2 && instruction->args[second].space == JF_IN_SCALAR) scalars |= JF_SECOND_SCALAR;
    return scalars;
}

static void add_instruction(scheduler *s, jf_ref i)
{
    const jf_node node = fused_node(s, i);
    int n_args = jf_op_n_args(node.op), spread_to;
    jf_instruction made = {.op = node.op, .args = {{.index = (uint32_t)node.index}}};

    for (int k = 0; k < n_args; k++) made.args[k] = operand(s, node.args[k]);
    spread_to = n_args ? spread(s, &made) : -1;
    made.scalar = scalars_of(&made);
    if (spread_to >= 0) give_register(s, (uint32_t)spread_to);
    for (int k = 0; k < n_args; k++) { /* a dying argument's register may take the result */
        jf_ref arg = node.args[k];
        bool again = (k > 0 && arg == node.args[0]) || (k > 1 && arg == node.args[1]);
        if (s->places[arg] == REGISTER && s->last_use[arg] == i && !again) give_register(s, s->index[arg]);
    }
    made.out = s->index[i] = take_register(s);
    emit(s, made);
}

static void add_result(scheduler *s, size_t r, jf_ref root)
{
    jf_program *p = s->program;

    if (root < 0) return;
    p->results[r] = operand(s, root);
    if (s->places[root] != SCALAR) return;
    if (!jf_grow((void **)&p->fills, &p->fills_capacity, p->n_fills + 1, sizeof *p->fills)) {
        s->failed = true;
        return;
    }
    p->results[r] = (jf_operand){JF_IN_REGISTER, (uint32_t)p->n_registers++};
    p->fills[p->n_fills++] = (jf_fill){p->results[r].index, s->index[root]};
}

static bool schedule(scheduler *s, const jf_ref *roots, size_t n_roots)
{
    size_t n = s->dag->n;

    *s->program = (jf_program){.n_results = n_roots};
    s->program->results = JF_NEW_ZEROED(jf_operand, n_roots);
    s->places = JF_NEW_ZEROED(place, n);
    s->index = JF_NEW_ZEROED(uint32_t, n);
    s->last_use = JF_NEW_ZEROED(jf_ref, n);
    s->n_uses = JF_NEW_ZEROED(int, n);
    s->fused = JF_NEW_ZEROED(jf_ref, n);
    s->failed = !s->program->results || !s->places || !s->index || !s->last_use || !s->n_uses || !s->fused;
    if (!s->failed) {
        survey(s, roots, n_roots);
        choose_fusions(s);
        find_last_uses(s);
    }
    for (size_t i = 0; !s->failed && i < n; i++) {
        if (s->places[i] == SCALAR) add_scalar(s, (jf_ref)i);
        if (s->places[i] == COLUMN) add_column(s, (jf_ref)i);
        if (s->places[i] == REGISTER) add_instruction(s, (jf_ref)i);
    }
    for (size_t r = 0; !s->failed && r < n_roots; r++) add_result(s, r, roots[r]);
    jf_free(s->places);
    jf_free(s->index);
    jf_free(s->last_use);
    jf_free(s->n_uses);
    jf_free(s->fused);
    jf_free(s->free_registers);
    if (s->failed) jf_program_free(s->program);
    return !s->failed;
}

bool jf_program_of_formula(const jf_dag *dag, const jf_ref *roots, size_t n_roots, jf_columns_used *used,
                           jf_program *out)
{
    scheduler s = {.dag = dag, .program = out, .used = used};
    return schedule(&s, roots, n_roots);
}

bool jf_program_of_data(const jf_dag *dag, const jf_ref *roots, size_t n_roots, size_t n_sources,
                        jf_program *out)
{
    scheduler s = {.dag = dag, .program = out, .of_data = true, .n_sources = n_sources};
    return schedule(&s, roots, n_roots);
}

/* ---- running ---- */

void jf_program_scalars(const jf_program *program, const double *leaves, double *values)
{
    for (size_t i = 0; i < program->n_scalars; i++) {
        const jf_scalar_step *step = &program->scalars[i];
        double args[3] = {0};
        for (int k = 0; k < 3; k++)
            if (step->args[k] >= 0) args[k] = values[step->args[k]];
        if (step->op == JF_OP_CONSTANT)
            values[i] = step->number;
        else if (step->op == JF_OP_PARAMETER || step->op == JF_OP_LEARNED)
            values[i] = leaves[step->index];
        else
            values[i] = jf_op_apply(step->op, args[0], args[1], args[2]);
    }
}

void jf_program_fill(const jf_program *program, const jf_frame *frame)
{
    for (size_t i = 0; i < program->n_fills; i++) {
        double *to = frame->registers + (size_t)program->fills[i].out * JF_REGISTER;
        for (size_t row = 0; row < JF_REGISTER; row++) to[row] = frame->scalars[program->fills[i].scalar];
    }
}

void jf_program_prefetch(const jf_program *program, const jf_frame *frame, size_t ahead, size_t n)
{
    for (size_t c = 0; c < program->n_columns; c++) {
        const double *from = frame->columns + program->columns[c] * frame->stride + ahead;
        for (size_t i = 0; i < n; i += 8) __builtin_prefetch(from + i);
    }
}

void jf_program_run(const jf_program *program, const jf_frame *frame, size_t n)
{
    const jf_kernels *kernels = jf_kernels_active();
    const double *const bases[] = {frame->registers, frame->scalars, frame->columns};
    const size_t steps[] = {JF_REGISTER, 1, frame->stride};

    n = (n + JF_LANES - 1) & ~(size_t)(JF_LANES - 1);
    for (size_t i = 0; i < program->n_code; i++) { /* an empty program has no code to point at */
        const jf_instruction *at = &program->code[i];
        double *out = frame->registers + (size_t)at->out * JF_REGISTER;
        const double *args[3];
        if (at->op == JF_OP_LEVELS) {
            uint32_t slot = at->args[0].index;
            kernels->gather(out, frame->levels[slot], frame->codes[slot], n);
            continue;
        }
        for (int k = 0; k < 3; k++)
            args[k] = bases[at->args[k].space] + at->args[k].index * steps[at->args[k].space];
        kernels->table[at->op][at->scalar](out, args[0], args[1], args[2], n);
    }
}

const double *jf_program_result(const jf_program *program, const jf_frame *frame, size_t result)
{
    jf_operand at = program->results[result];

    if (at.space == JF_IN_COLUMN) return frame->columns + at.index * frame->stride;
    return frame->registers + (size_t)at.index * JF_REGISTER;
}
