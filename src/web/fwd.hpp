#pragma once

namespace beamline::web {

class asset_store;
class header_list;
class responder;
class router;
class server;
class session_codec;
class session_data;
class socket;
class socket_handler;
struct frame;
struct request;
struct response;
struct web_options;

}  // namespace beamline::web
