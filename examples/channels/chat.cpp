// A chat room for browsers: everybody hears everybody, and sees who is there. The page is chat.html, the client npm's
// `phoenix` as it is, docs/channels.md says more. Run it and open the address in two windows; the tests run it as well.
//
// usage: example_chat [PORT]      0, or none: any free port; ends when its input does
#include "support/web_node.hpp"

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

using namespace beamline;

/// One person in one room: made when a client joins "room:...", gone when it leaves or its connection is lost.
class room : public web::channel {
public:
  using channel::channel;

  web::join_answer join(const std::string&, const json& params) override {
    const auto* name = find_string(params, "name");
    if (name == nullptr || name->empty() || name->size() > 40)
      return web::join_refused{{{"reason", "say who you are, in at most 40 octets"}}};
    name_ = *name;
    return web::join_ok{{{"welcome", name_}}};
  }

  void joined() override {  // From here on no broadcast is missed, so the list and what follows it fit together.
    track_presence(name_, json{{"status", "here"}});
    push_presence_state();
  }

  void handle_in(const std::string& event, const payload& p, web::reply_to reply) override {
    if (event != "say")
      return channel::handle_in(event, p, reply);  // Unknown: ends this channel, and its client joins again.
    const auto* text = find_string(as_json(p), "text");
    if (text == nullptr || text->empty())
      return reply.error({{"reason", "say something"}});
    auto said = broadcast("said", json{{"by", name_}, {"text", *text}});
    said ? reply.ok() : reply.error({{"reason", said.error().message}});
  }

private:
  std::string name_;
};

int main(int argc, char** argv) try {
  example::web_node here{{.name = "chat@127.0.0.1"}};
  web::user_socket sockets{here.get(), {.channels = {web::channel_at<room>("room:*")}, .processes = here.sessions()}};
  web::router routes;
  sockets.connect(routes, "/socket/websocket");
  example::serve_file(routes, "/", CHAT_PAGE, "text/html; charset=utf-8");
  example::serve_file(routes, "/phoenix.js", PHOENIX_JS, "text/javascript; charset=utf-8");  // As npm has it.
  auto server = here.listen(std::move(routes), static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
  std::cout << "http://localhost:" << server->port() << std::endl;
  for (std::string ignored; std::getline(std::cin, ignored);) {}
  server->shutdown(5s);
  return here.end() ? 0 : 1;
} catch (const std::exception& e) {
  std::cerr << "example_chat: " << e.what() << '\n';
  return 1;
}
