#include "web/live/diff.hpp"

#include "base/json.hpp"
#include "web/live/diff_encoder.hpp"

#include <stdexcept>

namespace beamline::web::live {

namespace {

void append_events(std::string& out, std::span<const push_event> events) {
  if (events.empty())
    return;
  out += "\"e\":[";
  for (const auto& event : events) {
    out += '[';
    append_json_string(out, event.name);
    out += ',';
    out += event.payload;
    out += event.is_before_patch ? ",true]," : "],";
  }
  out.back() = ']';
  out += ',';
}

/// Events and reply, then the end of the object. Members have a comma behind each; without any there is no message.
std::string finish(std::string out, const message_parts& parts) {
  append_events(out, parts.events);
  if (!parts.reply.empty()) {
    out += "\"r\":";
    out += parts.reply;
    out += ',';
  }
  if (out.size() == 1)
    return {};
  out.back() = '}';
  return out;
}

}  // namespace

std::string encode_full(tree_memory& memory, const rendered& tree, const message_parts& parts) {
  if (!parts.reply.empty())
    throw std::logic_error{"live::encode_full: a join has no event to reply to; the reply is lost"};
  auto out = std::string{"{"};
  auto encoder = diff_encoder{out, memory};
  encoder.root_full(tree);
  encoder.templates();
  memory.forget_title();
  if (parts.title)
    encoder.title(memory, *parts.title, true);
  encoder.commit(memory);
  return finish(std::move(out), parts);
}

std::string encode_diff(tree_memory& memory, const rendered& tree, const message_parts& parts) {
  const auto was_empty = memory.is_empty();
  auto out = std::string{"{"};
  auto encoder = diff_encoder{out, memory};
  if (encoder.root_diff(tree))
    encoder.templates();
  if (parts.title)
    encoder.title(memory, *parts.title, was_empty);
  encoder.commit(memory);
  return finish(std::move(out), parts);
}

std::string encode_events(std::span<const push_event> events) { return finish("{", {.events = events}); }

}  // namespace beamline::web::live
