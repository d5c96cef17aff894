#pragma once

#include "web/live/rendered.hpp"
#include "web/live/tree_memory.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// From a rendered tree to the JSON that the npm client merges into its copy of the tree.
///
///   rendered tree --+                      +--> {"0":"6","7":{"0":"6","s":0},"p":{"0":["<em>","</em>"]},"t":"Six"}
///                   +--> encode_diff ------+
///   tree_memory ----+    (compares values) +--> tree_memory of what the client has now
///
/// Only values that differ from what the client has are written; templates are written once per message, in its table
/// `p`; rows that moved are written as their old position. The text is made directly, without a JSON tree in between.
///
/// What is written once for all: the caller sends it to the client before anything else is encoded with the same
/// memory, and never between the arrival of a join and its reply. If it cannot be sent, `reset()` the memory and
/// rejoin.
namespace beamline::web::live {

/// An event for the client's hooks and window listeners (`phx:<name>`).
struct push_event {
  std::string name;
  std::string payload;           // JSON text of an object.
  bool is_before_patch = false;  // Dispatched before the page is patched, else after.
};

/// What a message carries beside the tree.
struct message_parts {
  /// The page's title as it should be now; sent when the client shows another, and in every full render.
  std::optional<std::string_view> title = std::nullopt;
  /// Sent in this order.
  std::span<const push_event> events = {};
  /// JSON text of the reply to the event that is being answered, or empty for none. Must not be given in a join.
  std::string_view reply = {};
};

/// The object `rendered` of a join reply: everything, whatever `memory` held before.
/// Throws `std::logic_error` for a tree that no client could show: two rows with one key, nested too deep.
[[nodiscard]] std::string encode_full(tree_memory& memory, const rendered& tree, const message_parts& parts = {});

/// The diff that turns the client's page into `tree`: a JSON object, or the empty string if there is nothing to say.
/// If the outermost template changed, or the memory is empty, this is a full tree. Throws as `encode_full`.
[[nodiscard]] std::string encode_diff(tree_memory& memory, const rendered& tree, const message_parts& parts = {});

/// A diff without a tree: the events that go out before a redirect ends the view. Empty if there are none.
[[nodiscard]] std::string encode_events(std::span<const push_event> events);

}  // namespace beamline::web::live
