-- Run once, when the server's volume is new. The health check asks for the last one.
create database countermand_order;
create database countermand_inventory;
create database countermand_logistics;
create database countermand_payment;
create database countermand_gateway;
create database countermand_console;
