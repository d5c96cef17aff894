#include "actors/crash_report.hpp"

#include "actors/environment.hpp"
#include "actors/events.hpp"
#include "actors/process_table.hpp"
#include "actors/process_text.hpp"
#include "actors/report_redaction.hpp"
#include "base/log.hpp"

#include <caf/type_erased_tuple.hpp>

#include <algorithm>

namespace beamline {

namespace {

// No part of a line is cut below this.
constexpr std::size_t part_least = 24;

std::string type_of(const std::exception_ptr& p) {
  try {
    std::rethrow_exception(p);
  } catch (const std::exception& e) {
    return readable_name(typeid(e));
  } catch (...) {
    return {};
  }
}

/// Only types that say how they are to be read are shown; CAF would print numbers, strings and containers, too.
std::string contents_of(const caf::type_erased_tuple* message) {
  if (message == nullptr || message->empty() || message->type(0).second == nullptr)
    return {};
  auto text = message->stringify(0);
  if (text == "<unprintable>" || text.starts_with('[') || text.starts_with('(') || text.starts_with('"'))
    return {};
  return printable(text, crash_report::message_max);
}

std::string title_of(const process_info& p) {
  const auto& called = !p.label.empty() ? p.label : !p.name.empty() ? p.name : p.kind;
  return called + " " + short_text(p.id);
}

bool is_error(const crash_report& r) { return r.how == crash_report::ending::error; }

std::string waiting(const crash_report& r) {
  return grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(r.depth, 0)));
}

std::string verb_of(const crash_report& r) {
  if (!is_error(r))
    return "stopped itself";
  return r.exception_type.empty() ? "threw" : "threw " + r.exception_type;
}

/// What the reason says; that it crashed is said already.
std::string text_of(const crash_report& r) {
  return r.why.why == reason::kind::crashed ? r.why.text : to_string(r.why);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const auto& p : parts)
    out.append(out.empty() ? "" : between).append(p);
  return out;
}

std::string links_text(const crash_report& r) {
  std::vector<std::string> all;
  for (auto id : r.links)
    all.push_back(short_text(id));
  if (r.links_total > r.links.size())
    all.push_back("... " + grouped(r.links_total - r.links.size()) + " more");
  return joined(all, " ");
}

}  // namespace

std::string_view to_string(crash_report::ending e) noexcept {
  return e == crash_report::ending::error ? "error" : "exit";
}

std::string to_string(const crash_report& r) {
  return fit_line({!r.label.empty() ? r.label : r.name, r.kind, verb_of(r), text_of(r),
                   r.message.empty() ? r.handling : r.message, r.ancestors.empty() ? "" : r.ancestors.front()},
                  crash_text_max, part_least, [&](const std::vector<std::string>& p) {
                    auto out = short_text(r.who.id());
                    if (!p[0].empty())
                      out += " \"" + p[0] + "\"";
                    out += " (" + p[1] + ") " + p[2];
                    if (!p[3].empty())
                      out += ": " + p[3];
                    if (!p[4].empty())
                      out +=
                          is_error(r) ? ", handling " + p[4] + " for " + span_text(r.handling_for) : ", after " + p[4];
                    out += "; life " + std::to_string(r.incarnation) + ", age " + span_text(r.age) + ", "
                         + grouped(r.handled) + " handled, " + waiting(r) + " waiting";
                    return p[5].empty() ? out : out + ", under " + p[5];
                  });
}

std::string format_crash(const crash_report& r, std::size_t octets_max) {
  std::string out = "process " + short_text(r.who.id()) + " of class " + printable(r.kind, 200) + " crashed\n";
  auto line = [&](std::string_view what, const std::string& text) {
    if (text.empty())
      return;
    auto one = "  " + std::string{what} + std::string(what.size() < 12 ? 12 - what.size() : 1, ' ')
             + printable(text, std::max<std::size_t>(octets_max / 4, part_least)) + "\n";
    if (out.size() + one.size() <= octets_max)
      out += one;
  };
  line("reason", verb_of(r) + (text_of(r).empty() ? "" : ": " + text_of(r)));
  line("handling", r.handling + (is_error(r) && !r.handling.empty() ? " for " + span_text(r.handling_for) : ""));
  line("message", r.message);
  line("label", r.label);
  line("name", r.name);
  line("life", std::to_string(r.incarnation) + ", age " + span_text(r.age));
  line("ancestors", joined(r.ancestors, ", "));
  line("mailbox", waiting(r) + " waiting, " + grouped(r.handled) + " handled");
  line("links", links_text(r));
  line("traps exits", r.traps_exits ? "yes" : "no");
  line("memory", bytes_text(r.memory_bytes));
  return out;
}

bool is_crash_report_wanted(const environment& env) {
  return env.events().wants<process_crashed>() || env.log().enabled(log_level::error, "actors");
}

crash_report gather_crash_report(environment& env, std::uint64_t id, reason why, const std::exception_ptr& thrown,
                                 const caf::type_erased_tuple* message) {
  auto& table = env.processes();
  auto now = env.time().now();
  crash_report r;
  r.how = thrown ? crash_report::ending::error : crash_report::ending::exit;
  r.who = pid{env.self(), id};
  r.why = std::move(why);
  if (thrown)
    r.exception_type = type_of(thrown);
  r.message = contents_of(message);
  auto p = table.info(id, now);
  if (!p)
    return r;
  r.kind = std::move(p->kind);
  r.name = std::move(p->name);
  r.label = std::move(p->label);
  r.incarnation = p->incarnation;
  r.handling = p->current.empty() ? p->last : p->current;
  r.handling_for = thrown ? p->current_age : duration::zero();
  r.depth = p->depth;
  r.handled = p->handled;
  r.age = p->age;
  r.traps_exits = p->traps_exits;
  r.memory_bytes = p->memory_bytes;
  r.links_total = p->links;
  if (p->links > 0)
    r.links = table.links_of(id, crash_report::links_max);
  for (auto up = p->parent; up != 0 && r.ancestors.size() < crash_report::ancestors_max;) {
    auto parent = table.info(up, now);
    if (!parent)
      break;
    r.ancestors.push_back(title_of(*parent));
    up = parent->parent;
  }
  return r;
}

void publish(environment& env, crash_report r) {
  if (const auto* by = find_redaction(env)) {
    r.why.text = redacted_text(by, "reason", std::move(r.why.text));
    r.message = redacted_text(by, "message", std::move(r.message));
    r.label = redacted_text(by, "label", std::move(r.label));
    r.name = redacted_text(by, "name", std::move(r.name));
    for (auto& a : r.ancestors)
      a = redacted_text(by, "ancestor", std::move(a));
  }
  if (env.events().wants<process_crashed>())
    env.events().emit(process_crashed{.full = r});
  if (!env.log().enabled(log_level::error, "actors"))
    return;
  auto what = text_of(r);
  auto ancestors = joined(r.ancestors, ", ");
  env.log().error("actors", "process crashed",
                  {{"process", to_string(r.who)},
                   {"kind", r.kind},
                   {"label", r.label},
                   {"what", what},
                   {"class", to_string(r.how)},
                   {"exception", r.exception_type},
                   {"handling", r.message.empty() ? r.handling : r.message},
                   {"handling_for", r.handling_for},
                   {"life", r.incarnation},
                   {"age", r.age},
                   {"waiting", r.depth},
                   {"handled", r.handled},
                   {"ancestors", ancestors}});
}

}  // namespace beamline
