#include "program/supervision_verbs.hpp"

#include "actors/process_text.hpp"
#include "program/supervision_jobs.hpp"
#include "supervision/process_names.hpp"
#include "supervision/process_view.hpp"

#include <algorithm>

namespace beamline::program {

namespace {

using namespace supervision;
using control::needs;
using control::takes;
using type = control::argument::type;

/// What one request looks at.
struct picture {
  picture(node& n, const board_registry& from)
      : boards{read_boards(&from, n.env().time().now())},
        list{n.processes().list(n.env().time().now())},
        names{n.identity()->name, list, boards} {}
  picture(const picture&) = delete;
  picture& operator=(const picture&) = delete;

  board_snapshots boards;
  std::vector<process_info> list;
  process_names names;
};

std::string text_argument(const json& arguments, std::string_view name) {
  const auto* text = find_string(arguments, name);
  return text == nullptr ? std::string{} : *text;
}

/// An optional whole number within its bounds.
result<std::int64_t> number_argument(const json& arguments, std::string_view name, std::int64_t otherwise,
                                     std::int64_t least, std::int64_t most) {
  if (find_field(arguments, name) == nullptr)
    return otherwise;
  auto n = find_int(arguments, name);
  if (!n || *n < least || *n > most)
    return error{errc::invalid, "the argument " + std::string{name} + " is "
                                    + dump_json(arguments.at(std::string{name})) + ", expected "
                                    + grouped(static_cast<std::uint64_t>(least)) + " to "
                                    + grouped(static_cast<std::uint64_t>(most))};
  return *n;
}

result<json> tree(node& n, const board_registry& boards, const json& arguments) {
  auto depth = number_argument(arguments, "depth", 32, 0, tree_depth_max);
  auto children = number_argument(arguments, "children", 16, 1, tree_children_max);
  if (!depth || !children)
    return depth ? children.error() : depth.error();
  tree_options o;
  o.depth_max = static_cast<std::size_t>(*depth);
  o.children_shown_max = static_cast<std::size_t>(*children);
  o.nodes_max = std::max(o.nodes_max, o.children_shown_max + 1);  // Who asks for so many gets them.
  picture p{n, boards};
  if (auto path = text_argument(arguments, "path"); !path.empty()) {
    auto root = p.names.find(path);
    if (!root)
      return root.error();
    o.root = (*root)->id;
  }
  auto root = build_tree(n.identity()->name, std::move(p.list), p.boards, o);
  return json{{"tree", tree_json(root)}, {"text", tree_text(root)}};
}

result<json> info(node& n, const board_registry& boards, const json& arguments) {
  auto name = text_argument(arguments, "name");
  picture p{n, boards};
  auto who = p.names.find(name);
  if (!who)
    return who.error();
  auto view = view_process(n.env(), &boards, (*who)->id);
  if (!view)
    return error{errc::not_found, "the process " + short_text((*who)->id) + " has ended just now; ask again"};
  auto out = process_json(*view);
  out["text"] = process_text(*view);
  return out;
}

json list_json(const std::vector<process_info>& some) {
  auto out = json::array();
  for (const auto& p : some)
    out.push_back(facts_json(p));
  return out;
}

result<json> processes(node& n, const json& arguments) {
  auto sort = text_argument(arguments, "sort");
  if (sort.starts_with("sort="))
    sort.erase(0, 5);
  auto by = sort.empty() ? std::optional{process_order::busy} : parse_process_order(sort);
  if (!by)
    return error{errc::invalid,
                 "the argument sort is " + control::shown(sort) + ", expected depth, busy, memory or age"};
  auto count = number_argument(arguments, "n", processes_shown, 1, processes_shown_max);
  if (!count)
    return count.error();
  auto all = n.processes().list(n.env().time().now());
  auto total = all.size();
  auto some = sort_processes(std::move(all), *by, static_cast<std::size_t>(*count));
  auto text = processes_text(some);
  if (total > some.size())
    text += "... " + grouped(total - some.size()) + " more\n";
  return json{{"sort", to_string(*by)}, {"count", total}, {"processes", list_json(some)}, {"text", text}};
}

json zombies(node& n) {
  auto some = zombies_of(n.processes().list(n.env().time().now()));
  return {{"zombies", list_json(some)}, {"text", zombies_text(some)}};
}

/// "kill" and "shutdown" as the runtime means them; anything else is the sender's own reason.
reason parse_reason(const std::string& text) {
  if (text.empty() || text == "kill")
    return reason::kill();
  if (text == "shutdown")
    return reason::shutdown();
  return text == "normal" ? reason::normal() : reason::custom(text);
}

void kill(node& n, const board_registry& boards, const json& arguments, control::answer& reply) {
  auto longest = to_ms(kill_watch_time_max);
  auto wait = number_argument(arguments, "wait_ms", to_ms(kill_watch_time), 0, longest);
  if (!wait)
    return reply.fail(wait.error());
  picture p{n, boards};
  auto who = p.names.find(text_argument(arguments, "name"));
  if (!who)
    return reply.fail(who.error());
  const auto& target = **who;
  auto path = p.names.path(target);
  if (target.parent == 0 && !find_bool(arguments, "force").value_or(false))
    return reply.fail({errc::denied, printable(path, 200) + " " + short_text(target.id)
                                         + " has no supervisor: nobody would start it again, and the node may end with "
                                           "it; to do it all the same, add {\"force\":true}"});
  start_kill(n, boards,
             {.target = target,
              .path = std::move(path),
              .why = parse_reason(text_argument(arguments, "reason")),
              .watch_for = std::chrono::milliseconds{*wait}},
             reply);
}

void restart(node& n, const board_registry& boards, const json& arguments, control::answer& reply) {
  picture p{n, boards};
  auto child = p.names.find_child(text_argument(arguments, "name"));
  if (!child)
    return reply.fail(child.error());
  if (child->process != nullptr && child->process->state == process_state::zombie)
    return reply.fail(
        {errc::conflict, short_text(child->process->id)
                             + " is a zombie: it was killed already and is gone when its handler returns; "
                               "restart its successor by its name"});
  auto called =
      child->process != nullptr ? p.names.path(*child->process) + " " + short_text(child->process->id) : child->id;
  if (child->supervisor == nullptr)
    return reply.fail(
        {errc::unsupported, printable(called, 200) + " is no child of a supervisor, so nobody could start it again"});
  start_restart(n, {.supervisor = child->supervisor->supervisor, .id = child->id, .called = std::move(called)}, reply);
}

}  // namespace

void add_supervision_verbs(control::dispatcher& verbs, node& n, const board_registry& boards) {
  const std::string name_help = "a pid, a registered name, or a path such as web/sessions";
  verbs.add("tree", "the supervision tree as it is right now",
            {takes("path", "the process to begin at: " + name_help), takes("depth", "levels below it", type::integer),
             takes("children", "how many children of one process are shown", type::integer)},
            [&](const json& a, control::answer reply) { reply.finish(tree(n, boards, a)); });
  verbs.add("info", "everything about one process", {needs("name", name_help)},
            [&](const json& a, control::answer reply) { reply.finish(info(n, boards, a)); });
  verbs.add("processes", "the processes with the most messages waiting, time in handlers, memory or age",
            {takes("sort", "depth, busy, memory or age; busy"), takes("n", "how many; 20", type::integer)},
            [&](const json& a, control::answer reply) { reply.finish(processes(n, a)); });
  verbs.add("zombies", "killed processes that are still in a handler", {},
            [&](const json&, control::answer reply) { reply.ok(zombies(n)); });
  verbs.add("kill", "sends a process an exit signal and says what became of it",
            {needs("name", name_help), takes("reason", "kill, shutdown, normal or a text of your own; kill"),
             takes("force", "also a process without a supervisor", type::boolean),
             takes("wait_ms", "how long to watch what happens; 1000", type::integer)},
            [&](const json& a, control::answer reply) { kill(n, boards, a, reply); },
            {.timeout = kill_watch_time_max + control::answer_time});
  verbs.add("restart", "has the supervisor of a process stop it and start it again", {needs("name", name_help)},
            [&](const json& a, control::answer reply) { restart(n, boards, a, reply); }, {.timeout = 1min});
}

}  // namespace beamline::program
