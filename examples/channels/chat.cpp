// A chat room for browsers: everybody hears everybody, and sees who is there. The page is chat.html, the client npm's
// `phoenix` as it is, docs/channels.md says more. Run it and open the address in two windows; the tests run it as well.
//
// usage: example_chat [PORT]      0, or none: any free port; ends when its input does
#include "chat_node.hpp"

#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
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
  example::chat_node here;
  web::user_socket sockets{here.get(), {.channels = {web::channel_at<room>("room:*")}, .processes = here.channels()}};
  web::router routes;
  sockets.connect(routes, "/socket/websocket");
  example::chat_node::serve(routes, "/", CHAT_PAGE, "text/html; charset=utf-8");
  example::chat_node::serve(routes, "/phoenix.js", PHOENIX_JS, "text/javascript; charset=utf-8");  // As npm has it.
  auto server = here.listen(std::move(routes), argc > 1 ? std::atoi(argv[1]) : 0);
  if (!server)
    throw std::runtime_error{server.error().message};
  std::cout << "http://localhost:" << (*server)->port() << std::endl;
  for (std::string ignored; std::getline(std::cin, ignored);) {}
  (*server)->shutdown(5s);
  return here.end() ? 0 : 1;
} catch (const std::exception& e) {
  std::cerr << "example_chat: " << e.what() << '\n';
  return 1;
}
