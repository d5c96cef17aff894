#include "base/json.hpp"
#include "fuzz/targets.hpp"
#include "web/channels/channel_socket.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>

namespace beamline::fuzz {

namespace {

using namespace beamline::web::channels;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "fuzz_channel_frame: %s\n", what);
  std::abort();
}

/// What a connection with these rules does about one message; its channels accept every join.
class browser_connection {
public:
  void receive(std::string_view message, bool is_binary) {
    const auto was_closed = core_.is_closed();
    auto all = is_binary ? core_.on_binary(message) : core_.on_text(message);
    if (was_closed && !all.empty())
      fail("a closed connection still does something");
    perform(all);
  }

private:
  void perform(const effects& all) {
    for (const auto& one : all) {
      if (const auto* sent = std::get_if<send>(&one))
        check(sent->what);
      else if (const auto* join = std::get_if<start_channel>(&one))
        perform(start(*join));
    }
  }
  effects start(const start_channel& join) {
    if (join.id <= last_)
      fail("a join has the number of an earlier one");
    last_ = join.id;
    return join.id % 3 == 0 ? core_.join_error(join.id, "{}") : core_.join_ok(join.id, "{}");
  }
  static void check(const web::frame& f) {
    if (f.binary)
      return;
    const auto said = parse_json(f.head + (f.body ? *f.body : std::string{}) + f.tail);
    if (!said || !said->is_array() || said->size() != 5)
      fail("what is said is no message");
  }

  channel_socket core_{{.has_route = [](std::string_view topic) { return topic.starts_with("lv:"); },
                        .channels_max = 3,
                        .waiting_events_max = 4}};
  channel_id last_ = 0;
};

}  // namespace

/// Messages of one client, each ended by a line feed; those that begin with a `#` are binary, without it.
int fuzz_channel_frame(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  browser_connection connection;
  while (!rest.empty()) {
    auto message = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), message.size() + 1));
    const auto is_binary = message.starts_with('#');
    connection.receive(is_binary ? message.substr(1) : message, is_binary);
  }
  return 0;
}

}  // namespace beamline::fuzz
