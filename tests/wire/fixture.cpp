#include "wire/fixture.hpp"

#include <algorithm>
#include <stdexcept>

namespace beamline::test {

web::web_options test_options() {
  auto o = web::web_options{};
  o.bind = "127.0.0.1";
  o.port = 0;
  o.origins.how = web::origin_policy::mode::off;
  return o;
}

bool comes_true(const std::function<bool()>& done) {
  auto mutex = std::mutex{};
  auto never = std::condition_variable{};
  auto lock = std::unique_lock{mutex};
  for (int ms = 0; ms < wire_client::wait_ms && !done(); ms += 5)
    never.wait_for(lock, std::chrono::milliseconds{5});
  return done();
}

running_server::running_server(const std::function<void(web::router&)>& add_routes, web::web_options options) {
  auto routes = web::router{};
  add_routes(routes);
  options.port = 0;
  if (options.bind == "localhost")
    options.bind = "127.0.0.1";
  auto started = web::server::start(std::move(options), std::move(routes), {*log, events, time, random});
  server = std::move(started).value();
}

wire_client running_server::connect_socket(const std::string& target, int receive_buffer) const {
  auto client = connect(receive_buffer);
  client.send(upgrade_request(target));
  if (auto status = client.read_answer().status; status != 101)
    throw std::runtime_error{"the upgrade was answered with " + std::to_string(status)};
  return client;
}

bool running_server::logged(std::string_view text) const {
  auto lines = log->recent();
  return std::ranges::any_of(lines, [&](const auto& line) { return line.find(text) != std::string::npos; });
}

std::string upgrade_request(const std::string& target, const std::string& extra) {
  return "GET " + target
       + " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
       + extra + "\r\n";
}

void echo_handler::on_text(std::string message) {
  journal_.note("text " + message.substr(0, 40));
  if (message == "throw")
    throw std::runtime_error{"asked to"};
  if (message == "close")
    return socket_->close(web::close_code::service_restart, "asked to");
  if (message == "close normally")
    return socket_->close(web::close_code::normal, "asked to");
  socket_->send(web::frame::text(std::move(message)));
}

void echo_handler::on_binary(std::string message) {
  auto half = message.size() / 2;
  socket_->send({true, message.substr(0, half), std::make_shared<const std::string>(message.substr(half)), {}});
}

void echo_handler::on_closed(const web::close_reason& why) {
  journal_.note("closed " + std::string{to_string(why.what)} + " " + std::to_string(why.code));
}

}  // namespace beamline::test
