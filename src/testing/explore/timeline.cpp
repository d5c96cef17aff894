#include "testing/explore/timeline.hpp"

#include "actors/local_messages.hpp"
#include "actors/process.hpp"
#include "actors/process_text.hpp"
#include "actors/signals.hpp"
#include "testing/machine.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <caf/mailbox_element.hpp>

#include <cstdint>
#include <iterator>
#include <utility>
#include <variant>

namespace beamline::testing {

namespace {

std::string_view last_name(std::string_view qualified) {
  // Of a template only the part before its arguments has names of its own.
  auto colons = qualified.substr(0, qualified.find('<')).rfind("::");
  return colons == std::string_view::npos ? qualified : qualified.substr(colons + 2);
}

/// The content if its type says how it is read, else its type.
std::string content_text(const caf::mailbox_element& m) {
  const auto& content = m.content();
  std::string out;
  for (std::size_t i = 0; i < content.size(); ++i) {
    auto text = content.stringify(i);
    const auto* type = content.type(i).second;
    if (text == "<unprintable>" || text.empty())
      text = type != nullptr ? std::string{last_name(readable_name(*type))} : "something";
    out += (i == 0 ? "" : ", ") + text;
  }
  return out.empty() ? "nothing" : out;
}

/// What the actor layer itself puts into mailboxes, in words; empty: it is none of that.
std::string signal_text(const caf::mailbox_element& m) {
  const auto& c = m.content();
  if (c.match_elements<timer_signal>())
    return "a timer is due";
  if (c.match_elements<resume_signal>())
    return "what it waited for is done";
  if (c.match_elements<call_taken>())
    return "its call was taken";
  if (c.match_elements<child_started>())
    return "a child has started";
  if (c.match_elements<exit_signal>()) {
    const auto& e = c.get_as<exit_signal>(0);
    return (e.is_link ? "a linked process has ended: " : "exit signal ") + to_string(e.why);
  }
  if (c.match_elements<down_signal>())
    return "a watched process has ended: " + to_string(c.get_as<down_signal>(0).why);
  if (c.match_elements<child_gone>())
    return "a child is gone: " + to_string(c.get_as<child_gone>(0).why);
  if (c.match_elements<stop_order>())
    return "is ordered to stop: " + to_string(c.get_as<stop_order>(0).why);
  return {};
}

std::string message_text(const caf::mailbox_element& m) {
  if (auto text = signal_text(m); !text.empty())
    return text;
  return (m.mid.is_response() ? "gets the reply " : m.mid.is_request() ? "is called " : "handles ") + content_text(m);
}

/// Processes as in the column beside it: `<12.1>`; nobody is empty.
std::string field_text(std::string_view key, const event_value& value) {
  const auto* id = std::get_if<std::uint64_t>(&value);
  if (id == nullptr || (key != "id" && key != "parent" && key != "caller" && key != "supervisor" && key != "child"))
    return to_text(value);
  return *id == 0 ? "" : short_text(*id);
}

}  // namespace

std::vector<timeline_entry> timeline::take() {
  std::vector<timeline_entry> all{std::make_move_iterator(lines_.begin()), std::make_move_iterator(lines_.end())};
  lines_.clear();
  return all;
}

std::string timeline::title_of(const process_info& p) {
  auto called = !p.label.empty() ? p.label : !p.name.empty() ? p.name : std::string{last_name(p.kind)};
  return called + " " + short_text(p.id);
}

void timeline::on_step(const process& who, const caf::mailbox_element* m) {
  auto id = who.self().id();
  auto info = who.env().processes().info(id, world_.now());
  timer_.reset();
  auto title = info ? title_of(*info) : short_text(id);
  auto text = m == nullptr ? std::string{"starts"} : message_text(*m);
  if (m != nullptr && m->content().match_elements<timer_signal>())
    timer_ = {world_.now(), who.env().self()->name, std::move(title), std::move(text)};
  else
    add(who.env().self()->name, std::move(title), std::move(text));
}

void timeline::on_send(const process* from, const process&, const caf::mailbox_element&) {
  if (from != nullptr)
    keep_timer();
}

void timeline::keep_timer() {
  if (timer_ && timer_->at == world_.now())
    push(*std::exchange(timer_, std::nullopt));
}

void timeline::on_event(simulated_node& n, const event_view& e) {
  auto text = "* " + std::string{e.name()};
  e.for_each([&](std::string_view key, const event_value& value) {
    auto shown = field_text(key, value);
    if (!shown.empty())
      text.append(" ").append(key).append("=").append(shown);
  });
  add(n.name(), {}, std::move(text));
}

void timeline::on_note(const machine* where, std::string_view text) {
  add(where != nullptr ? where->name() : std::string{}, {}, std::string{text});
}

void timeline::add(std::string node, std::string who, std::string text) {
  keep_timer();
  push({world_.now(), std::move(node), std::move(who), printable(text, text_max)});
}

void timeline::push(timeline_entry line) {
  if (lines_.size() >= lines_max_ && !lines_.empty())
    lines_.pop_front();
  lines_.push_back(std::move(line));
}

}  // namespace beamline::testing
